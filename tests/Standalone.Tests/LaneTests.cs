using HubSpotBus.HubSpotSimulator.Faults;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>In which lane of the egress the services' calls wait, as Auth's meter tells them apart.</summary>
public sealed class LaneTests
{
    private static readonly string[] Written = ["companies", "contacts", "line_items", "orders", "products"];

    [Fact]
    public async Task A_change_goes_live_a_bulk_upload_as_backfill_and_what_has_failed_as_retry()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        await PutAsync(installation, 1);
        await ShouldHaveWrittenInAsync(installation, "live", except: ["backfill", "retry"]);

        foreach (var (type, record) in new[] { ("companies", Company(2)), ("customers", Customer(2)), ("products", Product(2)), ("transactions", Transaction(2)) })
            await installation.Hub.UploadAsync($"{installation.Company}/records/{type}", [record]);
        await installation.SettledAsync();
        await ShouldHaveWrittenInAsync(installation, "backfill", except: ["retry"]);

        // Not repeated by the egress, and the repetition by key fails too: the step comes again.
        foreach (var kind in Written.SelectMany(type => new[] { $"{type}.batch.create", $"{type}.batch.upsert" }))
            installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = kind }, Status = 524, Times = 1 });
        await PutAsync(installation, 3);
        await ShouldHaveWrittenInAsync(installation, "retry", except: []);
        await installation.NoDeadLettersAsync();
    }

    private static async Task PutAsync(AnInstallation installation, int number)
    {
        await CallBudgetTests.PutAsync(installation, "companies", $"F{number}", Company(number));
        await CallBudgetTests.PutAsync(installation, "customers", $"C{number}", Customer(number));
        await CallBudgetTests.PutAsync(installation, "products", $"P{number}", Product(number));
        await CallBudgetTests.PutAsync(installation, "transactions", $"T{number}", Transaction(number));
        await installation.SettledAsync();
    }

    private static async Task ShouldHaveWrittenInAsync(AnInstallation installation, string lane, string[] except)
    {
        var counts = (await installation.Hub.GetAsync($"{installation.Subscription}/connection/meter"))["counts"]!.AsArray();
        (string Lane, string Type)[] writes =
        [
            .. from count in counts
               let kind = (string)count!["kind"]!
               where kind.EndsWith(" batch create", StringComparison.Ordinal) || kind.EndsWith(" batch upsert", StringComparison.Ordinal)
               select ((string)count["lane"]!, kind.Split(' ')[0]),
        ];
        writes.Where(w => w.Lane == lane).Select(w => w.Type).Distinct().ShouldBe(Written, ignoreOrder: true, counts.ToJsonString());
        writes.ShouldAllBe(w => !except.Contains(w.Lane));
    }

    private static object Company(int number) => Shop.Company($"F{number}");

    private static object Customer(int number) => Shop.Customer($"C{number}", $"F{number}", $"c{number}@example.com");

    private static object Product(int number) => Shop.Product($"P{number}", $"SKU-{number}");

    private static object Transaction(int number) => Shop.Transaction($"T{number}", $"C{number}", Shop.Line("1", $"SKU-{number}", 1, 10));
}
