using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class SearchTests
{
    [Fact]
    public async Task A_write_is_found_only_after_the_delay_of_the_index()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        simulator.Time.Advance(TimeSpan.FromSeconds(2));
        var early = await FindAsync(simulator, "email", "EQ", "ann@example.com");
        simulator.Time.Advance(TimeSpan.FromSeconds(1));

        var late = await FindAsync(simulator, "email", "EQ", "Ann@Example.com");

        ((int)early.Body["total"]!, (int)late.Body["total"]!).ShouldBe((0, 1));
        late.Header("X-HubSpot-RateLimit-Max").ShouldBeNull();
    }

    [Fact]
    public async Task A_body_of_more_than_3000_characters_is_refused()
    {
        await using var simulator = await ASimulator.StartAsync();

        (await FindAsync(simulator, "email", "EQ", new string('x', 2800))).Status.ShouldBe(200);
        (await FindAsync(simulator, "email", "EQ", new string('x', 3000))).Status.ShouldBe(400);
    }

    [Fact]
    public async Task An_archived_record_is_found_until_the_index_knows()
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        simulator.Time.Advance(TimeSpan.FromSeconds(3));
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/contacts/{id}");

        ((int)(await FindAsync(simulator, "email", "HAS_PROPERTY", "")).Body["total"]!).ShouldBe(1);
        simulator.Time.Advance(TimeSpan.FromSeconds(3));
        ((int)(await FindAsync(simulator, "email", "HAS_PROPERTY", "")).Body["total"]!).ShouldBe(0);
    }

    [Theory]
    [InlineData("lastname", "EQ", "lee", "1")]
    [InlineData("lastname", "NEQ", "lee", "2,3")]
    [InlineData("firstname", "NOT_HAS_PROPERTY", "", "3")]
    [InlineData("numemployees", "GT", "9", "2,3")]
    [InlineData("lastname", "CONTAINS_TOKEN", "le*", "1")]
    [InlineData("createdate", "GTE", "2026-11-23T09:00:01Z", "2,3")]
    [InlineData("createdate", "LT", "1795424401000", "1")]
    public async Task Operators_choose_records(string property, string op, string value, string expected)
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.MakeAsync("contacts", new { jobtitle = "1", firstname = "Ann", lastname = "Lee", numemployees = "9" });
        simulator.Time.Advance(TimeSpan.FromSeconds(1));
        await simulator.MakeAsync("contacts", new { jobtitle = "2", firstname = "Bob", lastname = "Ray", numemployees = "10" });
        await simulator.MakeAsync("contacts", new { jobtitle = "3", lastname = "Kay", numemployees = "100" });
        simulator.Time.Advance(TimeSpan.FromSeconds(3));

        var said = await FindAsync(simulator, property, op, value);

        said.Results.Select(r => (string)r["properties"]!["jobtitle"]!).Order().ShouldBe(expected.Split(','));
    }

    [Theory]
    [InlineData("lastname", "EQ", "LEE", "1")]
    [InlineData("lastname", "IN", "lee", "1")]
    [InlineData("lastname", "IN", "Lee", "")]
    [InlineData("lastname", "NOT_IN", "lee", "2")]
    [InlineData("lastname", "NOT_IN", "Lee", "1,2")]
    [InlineData("hs_lead_status", "EQ", "NEW", "1")]
    [InlineData("hs_lead_status", "EQ", "new", "")]
    [InlineData("hs_lead_status", "NEQ", "new", "1,2")]
    [InlineData("hs_lead_status", "IN", "NEW", "1")]
    [InlineData("hs_lead_status", "IN", "new", "")]
    [InlineData("hs_lead_status", "NOT_IN", "NEW", "2")]
    public async Task Case_is_heeded_in_enumerations_and_in_the_values_of_IN(string property, string op, string value, string expected)
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        await simulator.MakeAsync("contacts", new { jobtitle = "1", lastname = "Lee", hs_lead_status = "NEW" });
        await simulator.MakeAsync("contacts", new { jobtitle = "2", lastname = "Ray", hs_lead_status = "OPEN" });

        var said = await simulator.PostAsync("/crm/objects/2026-09/contacts/search", new
        {
            filters = new[] { new { propertyName = property, @operator = op, value, values = new[] { value } } },
            properties = new[] { "jobtitle" },
        });

        string.Join(',', said.Results.Select(r => (string)r["properties"]!["jobtitle"]!)).ShouldBe(expected);
    }

    [Theory]
    [InlineData(200, 9800, 5, 3, true)]
    [InlineData(200, 0, 3, 6, true)]
    [InlineData(201, 0, 1, 1, false)]
    [InlineData(200, 9801, 1, 1, false)]
    [InlineData(10, 0, 6, 1, false)]
    [InlineData(10, 0, 1, 7, false)]
    [InlineData(10, 0, 5, 4, false)]
    public async Task A_search_has_pages_of_200_ends_at_10000_and_takes_18_filters(int limit, int after, int groups, int filters, bool fits)
    {
        await using var simulator = await ASimulator.StartAsync();
        var group = new { filters = Enumerable.Repeat(new { propertyName = "email", @operator = "HAS_PROPERTY" }, filters) };

        var answer = await simulator.SendAsync(
            HttpMethod.Post, "/crm/objects/2026-09/contacts/search", new { limit, after, filterGroups = Enumerable.Repeat(group, groups) });

        answer.Status.ShouldBe(fits ? 200 : 400);
    }

    [Fact]
    public async Task Results_are_sorted_and_paged_by_offset()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        foreach (var name in new[] { "b", "c", "a" })
        {
            await simulator.MakeOrderAsync(name);
        }

        object Body(string after) => new { sorts = new[] { new { propertyName = "hs_order_name", direction = "DESCENDING" } },
            properties = new[] { "hs_order_name" }, limit = 2, after };
        var first = await simulator.PostAsync("/crm/objects/2026-09/orders/search", Body("0"));
        var second = await simulator.PostAsync("/crm/objects/2026-09/orders/search",
            Body((string)first.Body["paging"]!["next"]!["after"]!));

        first.Results.Concat(second.Results).Select(r => (string)r["properties"]!["hs_order_name"]!).ShouldBe(["c", "b", "a"]);
        second.Body["paging"].ShouldBeNull();
    }

    [Fact]
    public async Task Records_are_found_by_what_they_are_tied_to()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        var (order, other) = (await simulator.MakeOrderAsync(), await simulator.MakeOrderAsync("2"));
        var contact = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        await simulator.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/orders/{order}/associations/default/contacts/{contact}");

        var said = await simulator.PostAsync("/crm/objects/2026-09/orders/search", new
        {
            filters = new[] { new { propertyName = "associations.contact", @operator = "EQ", value = contact } },
        });

        said.Results.Select(r => (string)r["id"]!).ShouldBe([order]);
        other.ShouldNotBe(order);
    }

    private static Task<Said> FindAsync(ASimulator simulator, string propertyName, string op, string value) =>
        simulator.PostAsync("/crm/objects/2026-09/contacts/search", new
        {
            filterGroups = new[] { new { filters = new[] { new { propertyName, @operator = op, value } } } },
            properties = new[] { "jobtitle" },
        });
}
