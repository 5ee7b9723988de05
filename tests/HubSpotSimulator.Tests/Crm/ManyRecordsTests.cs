using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class ManyRecordsTests
{
    private const string Contacts = "/crm/objects/2026-09/contacts";

    [Fact]
    public async Task A_pull_by_the_time_of_change_sees_every_record_once_in_order_however_often_they_change()
    {
        await using var simulator = await ASimulator.StartAsync(
            new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero, EnforceLimits = false });
        var ids = new List<string>();
        for (var batch = 0; batch < 15; batch++)
        {
            var made = await simulator.PostAsync($"{Contacts}/batch/create",
                new { inputs = Enumerable.Range(0, 100).Select(i => new { properties = new { lastname = $"{batch}-{i}" } }) });
            ids.AddRange(made.Results.Select(r => (string)r["id"]!));
            simulator.Time.Advance(TimeSpan.FromSeconds(1));
            (await PullAsync(simulator, "0", "0")).Total.ShouldBe(ids.Count);
        }

        // Each seventh is changed, each hundredth goes.
        foreach (var some in ids.Where((_, i) => i % 7 == 0).Chunk(100))
        {
            await simulator.PostAsync($"{Contacts}/batch/update",
                new { inputs = some.Select(id => new { id, properties = new { city = "Bern" } }) });
            simulator.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await simulator.PostAsync($"{Contacts}/batch/archive", new { inputs = ids.Where((_, i) => i % 100 == 0).Select(id => new { id }) });
        var seen = new List<(string Changed, string Id)>();
        for (var after = "0"; after is not null;)
        {
            (var total, var page, after) = await PullAsync(simulator, "0", after);
            total.ShouldBe(1485);
            seen.AddRange(page);
        }

        seen.Select(s => s.Id).ShouldBe(ids.Where((_, i) => i % 100 != 0), ignoreOrder: true);
        seen.ShouldBe(seen.OrderBy(s => s.Changed, StringComparer.Ordinal).ThenBy(s => s.Id, StringComparer.Ordinal));
        var changed = seen.Count(s => string.CompareOrdinal(s.Changed, "2026-11-23T09:00:15") >= 0);
        changed.ShouldBe(ids.Where((_, i) => i % 7 == 0 && i % 100 != 0).Count());
        (await PullAsync(simulator, "2026-11-23T09:00:15.000Z", "0")).Total.ShouldBe(changed);
    }

    [Theory]
    [InlineData("GT", "2026-11-23T09:00:01.000Z", null, 1)]
    [InlineData("GTE", "2026-11-23T09:00:01.000Z", null, 2)]
    [InlineData("LT", "2026-11-23T09:00:01Z", null, 1)]
    [InlineData("LTE", "1795424401000", null, 2)]
    [InlineData("BETWEEN", "2026-11-23T09:00:00Z", "2026-11-23T09:00:01Z", 2)]
    [InlineData("BETWEEN", "2026-11-23T09:00:02Z", "2026-11-23T09:00:01Z", 0)]
    [InlineData("GT", "-5", null, 3)]
    [InlineData("LT", "-5", null, 0)]
    public async Task The_ends_of_a_range_of_times_are_in_or_out_as_the_operator_says(string op, string value, string? highValue, int total)
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        for (var i = 0; i < 3; i++)
        {
            await simulator.MakeAsync("contacts", new { lastname = $"{i}" });
            simulator.Time.Advance(TimeSpan.FromSeconds(1));
        }

        foreach (var sorts in new object[] { new[] { new { propertyName = "lastmodifieddate" } }, Array.Empty<object>() })
        {
            var said = await simulator.PostAsync($"{Contacts}/search",
                new { filters = new[] { new { propertyName = "lastmodifieddate", @operator = op, value, highValue } }, sorts });
            ((int)said.Body["total"]!, said.Results.Count).ShouldBe((total, total));
        }
    }

    [Fact]
    public async Task Pages_go_on_across_archived_and_restored_records()
    {
        await using var simulator = await ASimulator.StartAsync();
        var made = await simulator.PostAsync($"{Contacts}/batch/create",
            new { inputs = Enumerable.Range(0, 100).Select(i => new { properties = new { lastname = $"{i}" } }) });
        var ids = made.Results.Select(r => (string)r["id"]!).ToList();
        await simulator.PostAsync($"{Contacts}/batch/archive", new { inputs = ids.Take(80).Select(id => new { id }) });
        await simulator.PostAsync($"{ASimulator.People}/contacts/{ids[10]}/restore");

        var page = await simulator.GetAsync($"{Contacts}?limit=5&after={ids[5]}");
        var rest = await simulator.GetAsync($"{Contacts}?limit=100&after={(string)page.Body["paging"]!["next"]!["after"]!}");

        page.Results.Concat(rest.Results).Select(r => (string)r["id"]!).ShouldBe([ids[10], .. ids.Skip(80)]);
    }

    private static async Task<(int Total, IEnumerable<(string Changed, string Id)> Page, string? After)> PullAsync(
        ASimulator simulator, string since, string after)
    {
        var said = await simulator.PostAsync($"{Contacts}/search", new
        {
            filters = new[] { new { propertyName = "lastmodifieddate", @operator = "GTE", value = since } },
            sorts = new[] { new { propertyName = "lastmodifieddate", direction = "ASCENDING" } },
            limit = 200,
            after,
        });
        return ((int)said.Body["total"]!,
            said.Results.Select(r => ((string)r["properties"]!["lastmodifieddate"]!, (string)r["id"]!)),
            (string?)said.Body["paging"]?["next"]?["after"]);
    }
}
