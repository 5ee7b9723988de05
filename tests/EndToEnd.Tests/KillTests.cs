using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.Samples;
using HubSpotBus.Standalone.Tests;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>
/// Services are killed while HubSpot works on a call, before the write and after it, and before and after each of their commits, with a hundred
/// orders in flight: there is exactly one order for each transaction in the end, with its lines and associations.
/// </summary>
public sealed class KillTests(OneReplica services) : IClassFixture<OneReplica>
{
    internal const int Orders = 100;

    private static readonly string[][] _written =
        [.. new[] { "companies", "contacts", "products", "orders", "line_items" }.Select(type => new[] { $"{type}.batch.create", $"{type}.batch.upsert" })];

    private static readonly string[][] _changed =
        [["orders.batch.update"], ["line_items.batch.create", "line_items.batch.upsert"], ["line_items.batch.update"], ["line_items.batch.archive"]];

    private static readonly string[] SagaSteps =
        ["Mapping", "EnsuringPrerequisites", "WritingTransactions", "WritingLines", "WritingChanges", "Done"];

    // Long enough to be killed in between, however busy the machine is.
    private const int HubSpotThinks = 2000;

    [Theory]
    [InlineData(AnInstallationOfProcesses.Auth)]
    [InlineData(AnInstallationOfProcesses.Mapping)]
    [InlineData(AnInstallationOfProcesses.Customer)]
    [InlineData(AnInstallationOfProcesses.ProductPrerequisite)]
    [InlineData(AnInstallationOfProcesses.Transaction)]
    [InlineData(AnInstallationOfProcesses.Hub)]
    public async Task A_service_killed_before_and_after_every_HubSpot_write_loses_and_doubles_nothing(string service)
    {
        var installation = await OnlyTransactionsFlowAsync(services);
        var kills = 0;
        foreach (var when in new[] { "before", "after" })
        {
            await UploadPartiesAsync(installation.Api, installation.Company, when);
            kills += await KillAtEachAsync(installation, service, when, _written, () => installation.Api.UploadAsync(
                $"{installation.Company}/records/transactions", Transactions(when, parties: when)));
        }

        kills.ShouldBeGreaterThanOrEqualTo(6, "two writes that come at one moment share a kill, and no more");
        await installation.SettledAsync();
        await ShouldBeWholeAsync(installation, 2 * Orders, parties: 20);
        Tell($"{service}, {kills} times while HubSpot wrote, before and after: {2 * Orders} orders, whole, nothing lost, nothing twice");
    }

    /// <summary>What was killed and found: `make test` collects these lines.</summary>
    internal static void Tell(string found) => TestContext.Current.TestOutputHelper!.WriteLine($"Killed: {found}");

    /// <summary>Each order gets another quantity, loses a line and gains one: all that a later version of a transaction makes HubSpot do.</summary>
    [Theory]
    [InlineData(AnInstallationOfProcesses.Auth)]
    [InlineData(AnInstallationOfProcesses.Mapping)]
    [InlineData(AnInstallationOfProcesses.Customer)]
    [InlineData(AnInstallationOfProcesses.ProductPrerequisite)]
    [InlineData(AnInstallationOfProcesses.Transaction)]
    [InlineData(AnInstallationOfProcesses.Hub)]
    public async Task A_service_killed_before_and_after_every_write_of_a_change_leaves_the_newest_version_and_nothing_else(string service)
    {
        var installation = await OnlyTransactionsFlowAsync(services);
        await SaveAsync(Shop.Line("1", "SKU-1", 1, 10), Shop.Line("2", "SKU-2", 2, 5));
        await installation.SettledAsync();

        var kills = await KillAtEachAsync(
            installation, service, "before", _changed, () => SaveAsync(Shop.Line("1", "SKU-1", 3, 10), Shop.Line("3", "SKU-3", 4, 20)));
        await installation.SettledAsync();
        kills += await KillAtEachAsync(
            installation, service, "after", _changed, () => SaveAsync(Shop.Line("1", "SKU-1", 5, 10), Shop.Line("4", "SKU-4", 6, 30)));
        await installation.SettledAsync();

        var lines = (await installation.Account.RecordsAsync("line_items")).ToDictionary(l => l.Id);
        lines.Count.ShouldBe(2 * Orders, "those removed are gone");
        var orders = await installation.Account.RecordsAsync("orders");
        orders.Count.ShouldBe(Orders);
        foreach (var order in orders)
        {
            order["hs_total_price"].ShouldBe("230");
            order.To("line_items").Select(id => (lines[id]["hs_sku"], lines[id]["quantity"], lines[id]["price"])).ShouldBe([("SKU-1", "5", "10"), ("SKU-4", "6", "30")], ignoreOrder: true);
        }

        await installation.NoErrorsAsync();
        Tell($"{service}, {kills} times while HubSpot wrote changes, before and after: {Orders} orders in their newest version");

        Task SaveAsync(params Shop.ShopLine[] lines) => installation.Api.UploadAsync(
            $"{installation.Company}/records/transactions", Enumerable.Range(1, Orders).Select(n => Shop.Transaction($"T{n}", $"C{n % 10 + 1}", lines)));
    }

    [Fact]
    public async Task Services_killed_before_and_after_every_kind_of_commit_lose_and_double_nothing()
    {
        var installation = await OnlyTransactionsFlowAsync(services);
        var files = AnInstallationOfProcesses.Services.ToDictionary(s => s, s => Path.Combine(installation.Folder, $"{s}-killed-at"));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        List<Task> killing = [];
        foreach (var (service, file) in files)
        {
            var replica = installation.Replicas(service)[0];
            await replica.KillAsync();
            killing.Add(replica.KillAtEachCommitAsync(file, onlyAt: null, enough.Token));
        }

        // A hundred orders at a time, until they pass without a new kind of commit.
        var sent = 0;
        for (var seen = -1; seen < KilledAt().Count;)
        {
            seen = KilledAt().Count;
            sent += Orders;
            await SendAsync(sent);
            // Sixty starts of a process take long. One that fails ends the test at once.
            await await Task.WhenAny([installation.SettledAsync(within: TimeSpan.FromMinutes(15)), .. killing]);
        }

        await ShouldBeWholeAsync(installation, sent);
        await enough.CancelAsync();
        await Task.WhenAll(killing);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', KilledAt()));
        var perService = KilledAt().CountBy(k => k.Split(' ')[0]).Select(k => $"{k.Key} {k.Value}");
        Tell($"each service before and after each kind of its commits, {KilledAt().Count} times ({string.Join(", ", perService)}): "
            + $"{sent} orders, whole, nothing lost, nothing twice");
        foreach (var (service, when) in AnInstallationOfProcesses.Services.SelectMany(s => new[] { (s, "before"), (s, "after") }))
            KilledAt().ShouldContain(k => k.StartsWith($"{service} {when} ", StringComparison.Ordinal));
        foreach (var (when, step) in SagaSteps.SelectMany(s => new[] { ("before", s), ("after", s) }))
            KilledAt().ShouldContain(k => k.StartsWith($"Transaction {when} ", StringComparison.Ordinal) && k.Contains($"TransactionTransferState {step}", StringComparison.Ordinal));

        IReadOnlyList<string> KilledAt() => [.. files.Where(f => File.Exists(f.Value)).SelectMany(f => File.ReadAllLines(f.Value).Select(l => $"{f.Key} {l}"))];

        // What a killed hub did not take is sent again.
        Task SendAsync(int count) => ServiceUnderTest.UntilAsync(async () =>
        {
            try
            {
                await installation.Api.UploadAsync($"{installation.Company}/records/transactions", Transactions("commit", count).Skip(count - Orders));
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "the hub takes the orders", TimeSpan.FromMinutes(10));
    }

    /// <summary>While HubSpot works on the first call of each of these kinds, in whichever order they come, the service is killed and started again.</summary>
    /// <param name="installation">Where.</param>
    /// <param name="service">Which.</param>
    /// <param name="when">The write is not done yet ("before"), or it is and its answer is not there yet ("after").</param>
    /// <param name="writes">Each with the names that a write goes by: a create that a kill kept from HubSpot comes as an upsert.</param>
    /// <param name="send">Makes the work.</param>
    /// <returns>How often it was killed.</returns>
    private static async Task<int> KillAtEachAsync(
        AnInstallationOfProcesses installation, string service, string when, IReadOnlyList<string[]> writes, Func<Task> send)
    {
        var calls = installation.Simulator.Calls;
        var before = writes.ToDictionary(w => w, Count);
        var kills = 0;
        foreach (var kind in writes.SelectMany(w => w))
        {
            installation.Simulator.Faults.Add(
                new Fault { Match = new FaultMatch { Kind = kind }, When = when, DelayMilliseconds = HubSpotThinks, Times = 1 });
        }

        await send();
        while (before.Count > 0)
        {
            await ServiceUnderTest.UntilAsync(() => Task.FromResult(Come().Any()), $"one of these is written: {string.Join(", ", before.Keys.Select(w => w[0]))}", TimeSpan.FromMinutes(5));
            foreach (var write in Come().ToList())
                before.Remove(write);
            var replica = installation.Replicas(service)[0];
            await replica.KillAsync();
            await replica.StartAsync();
            kills++;
        }

        return kills;

        int Count(string[] write) => write.Sum(calls.Of);
        IEnumerable<string[]> Come() => before.Where(w => Count(w.Key) > w.Value).Select(w => w.Key);
    }

    // Companies, customers and products do not flow by themselves: the first transactions bring them along.
    internal static async Task<AnInstallationOfProcesses> OnlyTransactionsFlowAsync(
        SharedInstallation services, int concurrentBatchExecutions = 5, int apiThrottleLimit = 500, int apiThrottleSeconds = 60)
    {
        var installation = await services.ConnectedAsync(
            new { concurrentBatchExecutions, apiThrottleLimit, apiThrottleSeconds, dataFlow = new { companies = false, customers = false, products = false, transactions = true } });
        await UploadPartiesAsync(installation.Api, installation.Company);
        return installation;
    }

    /// <summary>Ten companies with a contact each, and ten products.</summary>
    internal static async Task UploadPartiesAsync(HubApi hub, string company, string prefix = "")
    {
        var ten = Enumerable.Range(1, 10).Select(n => $"{prefix}{n}").ToList();
        await hub.UploadAsync($"{company}/records/companies", ten.Select(n => Shop.Company($"F{n}")));
        await hub.UploadAsync($"{company}/records/customers", ten.Select(n => Shop.Customer($"C{n}", $"F{n}", $"c{n}@example.com")));
        await hub.UploadAsync($"{company}/records/products", ten.Select(n => Shop.Product($"P{n}", $"SKU-{n}")));
    }

    internal static IEnumerable<object> Transactions(string prefix, int count = Orders, string parties = "") => Enumerable.Range(1, count).Select(n => Shop.Transaction(
        $"{prefix}-{n}", $"C{parties}{n % 10 + 1}", Shop.Line("1", $"SKU-{parties}{n % 10 + 1}", 1, 10), Shop.Line("2", $"SKU-{parties}{(n + 1) % 10 + 1}", 2, 5)));

    internal static async Task ShouldBeWholeAsync(AnInstallationOfProcesses installation, int orders, int parties = 10)
    {
        var found = await installation.Account.RecordsAsync("orders");
        found.Count.ShouldBe(orders);
        found.Select(o => o["hub_transaction_id"]).Distinct().Count().ShouldBe(orders);
        found.ShouldAllBe(o => o.To("line_items").Count == 2 && o.To("contacts").Count == 1 && o.To("companies").Count == 1);
        (await installation.Account.RecordsAsync("line_items")).Count.ShouldBe(2 * orders);
        foreach (var type in new[] { "companies", "contacts", "products" })
            (await installation.Account.RecordsAsync(type)).Count.ShouldBe(parties);
        await TiedRightAsync(installation, found);
        await installation.NoErrorsAsync();
    }

    /// <summary>Each order has the contact, the company and the lines of its transaction, by the numbers of <see cref="Transactions"/>.</summary>
    private static async Task TiedRightAsync(AnInstallationOfProcesses installation, List<HubSpotRecord> orders)
    {
        var numbers = new Dictionary<string, int>();
        foreach (var (type, property) in new[] { ("contacts", "hub_customer_id"), ("companies", "hub_company_id"), ("products", "hs_sku") })
        {
            foreach (var record in await installation.Account.RecordsAsync(type))
                numbers[record.Id] = NumberOf(record[property]!);
        }

        var lines = (await installation.Account.RecordsAsync("line_items")).ToDictionary(l => l.Id);
        foreach (var order in orders)
        {
            var n = NumberOf(order["hub_transaction_id"]!);
            order.To("contacts").Concat(order.To("companies")).ShouldAllBe(id => numbers[id] == n % 10 + 1);
            order.To("line_items").Select(id => lines[id]).Select(l => (numbers[l["hs_product_id"]!], l["quantity"], l["price"]))
                .ShouldBe([(n % 10 + 1, "1", "10"), ((n + 1) % 10 + 1, "2", "5")], ignoreOrder: true);
        }

        static int NumberOf(string id) => int.Parse(id.AsSpan(id.AsSpan().LastIndexOfAnyExceptInRange('0', '9') + 1), provider: null);
    }
}
