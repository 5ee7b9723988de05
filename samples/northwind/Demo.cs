using System.Diagnostics;
using System.Text.Json.Nodes;

namespace HubSpotBus.Samples.Northwind;

/// <summary>The demo from subscribing to the report. Run again on the same data, it finds nothing left to do.</summary>
internal sealed class Demo(HubApi hub, HubSpotAccount account, NorthwindFiles files, string dataFolder, string simulatorAddress)
{
    public const string HubSpotAccountId = "12345678";
    private const string CompanyName = "Northwind Traders";
    private const string SubscriptionName = "HubSpot - Northwind";
    private const int Budget = 80;

    private static readonly string[] DataTypes = ["companies", "customers", "products", "transactions"];

    public async Task<int> RunAsync()
    {
        var clock = Stopwatch.StartNew();
        var (company, subscription) = await SubscribeAsync();
        await ConnectAsync(subscription);
        var callsBefore = (await account.CallsAsync()).Total;
        await LoadAsync(company);
        var summary = await FollowAsync(subscription);
        return await ReportAsync(subscription, summary, callsBefore, clock.Elapsed);
    }

    /// <summary>The company (tenant) and its subscription, made now or by an earlier run.</summary>
    private async Task<(string Company, string Subscription)> SubscribeAsync()
    {
        hub.SignInWith((await File.ReadAllTextAsync(Path.Combine(dataFolder, "admin-key"))).Trim());
        var companies = Items(await hub.GetAsync("/api/companies"));
        var company = companies.FirstOrDefault(c => (string?)c["name"] == CompanyName) ?? await hub.PostAsync("/api/companies", new { name = CompanyName });
        var companyPath = $"/api/companies/{company["id"]}";
        var subscriptions = Items(await hub.GetAsync($"{companyPath}/subscriptions"));
        var subscription = subscriptions.FirstOrDefault(s => (string?)s["name"] == SubscriptionName)
            ?? await hub.PostAsync($"{companyPath}/subscriptions", new { name = SubscriptionName, version = "2026.1", apiUrl = simulatorAddress });
        return (companyPath, $"{companyPath}/subscriptions/{subscription["id"]}");
    }

    private async Task ConnectAsync(string subscription)
    {
        if ((string?)(await hub.GetAsync($"{subscription}/connection"))["state"] == "connected")
        {
            Console.WriteLine("Connected already.");
            return;
        }

        var link = await hub.PostAsync($"{subscription}/connection", new { });
        await Consent.ApproveAsync(new Uri((string)link["authorizeUrl"]!), HubSpotAccountId);
        var connection = await PollAsync(
            () => hub.GetAsync($"{subscription}/connection"), c => (string?)c["state"] is "connected" or "failed", "the connection is ready");
        if ((string?)connection["state"] != "connected")
            throw new InvalidOperationException($"Connecting failed: {connection["reason"]}");
        Console.WriteLine($"Connected \"{SubscriptionName}\" to HubSpot account {HubSpotAccountId}.");
    }

    private async Task LoadAsync(string company)
    {
        IEnumerable<object>[] records = [files.Companies, files.Customers, files.Products, files.Orders.Select(o => o.ToRecord())];
        foreach (var (dataType, upload) in DataTypes.Zip(records))
        {
            var answer = await hub.UploadAsync($"{company}/records/{dataType}", upload);
            Console.WriteLine($"Loaded {dataType}: {answer["accepted"]} new or changed, {answer["unchanged"]} unchanged, {answer["refused"]} refused.");
        }
    }

    /// <summary>Prints progress until nothing is pending or running any more.</summary>
    private async Task<JsonNode> FollowAsync(string subscription)
    {
        var printed = "";
        return await PollAsync(() => hub.GetAsync($"{subscription}/summary"), summary =>
        {
            var progress = string.Join(", ", DataTypes.Select(t => $"{t} {Count(summary, t, "transferred", "skipped")}/{Count(summary, t)}"));
            if (progress != printed)
                Console.WriteLine($"Transferred: {progress}");
            printed = progress;
            return DataTypes.Sum(t => Count(summary, t, "pending", "running", "postponed")) == 0;
        }, "everything is transferred");
    }

    private async Task<int> ReportAsync(string subscription, JsonNode summary, int callsBefore, TimeSpan took)
    {
        var calls = await account.CallsAsync();
        var wrong = (await account.DifferencesAsync(files)).ToList();
        var atOnce = await MostBatchExecutionsAtOnceAsync(subscription);
        var settings = await hub.GetAsync(subscription);
        Exceeded(wrong, "HubSpot calls", calls.Total, Budget);
        Exceeded(wrong, "HubSpot calls in 60 s", calls.InAMinute, (int)settings["apiThrottleLimit"]!);
        Exceeded(wrong, "HubSpot calls at one moment", calls.AtOnce, (int)settings["concurrentConnections"]!);
        Exceeded(wrong, "batch executions at one moment", atOnce, (int)settings["concurrentBatchExecutions"]!);

        Console.WriteLine();
        Console.WriteLine($"{"",-14}{"transferred",12}{"parked",8}");
        foreach (var dataType in DataTypes)
            Console.WriteLine($"{dataType,-14}{Count(summary, dataType, "transferred", "skipped"),12}{Count(summary, dataType, "parked"),8}");
        Console.WriteLine($"HubSpot calls: {calls.Total} of at most {Budget} (set-up {callsBefore}); most in 60 s {calls.InAMinute}, most at one moment {calls.AtOnce}; most batch executions at one moment {atOnce}");
        if (calls.Total == callsBefore)
            Console.WriteLine("Nothing was left to do.");
        foreach (var sentence in wrong)
            Console.WriteLine($"WRONG: {sentence}");

        var parked = DataTypes.Sum(t => Count(summary, t, "parked"));
        Console.WriteLine($"demo: {DataTypes.Sum(t => Count(summary, t, "transferred", "skipped"))} records transferred, {parked} parked, {calls.Total} HubSpot calls, {took.TotalSeconds:0.0} s");
        return wrong.Count == 0 && parked == 0 ? 0 : 1;
    }

    private async Task<int> MostBatchExecutionsAtOnceAsync(string subscription)
    {
        var times = Items(await hub.GetAsync($"{subscription}/batch-executions?pageSize=500"))
            .Where(b => b["slotTakenAt"] is not null)
            .Select(b => (From: (DateTimeOffset)b["slotTakenAt"]!, To: (DateTimeOffset?)b["slotFreedAt"] ?? DateTimeOffset.MaxValue))
            .ToList();
        return times.Select(t => times.Count(o => o.From <= t.From && t.From < o.To)).DefaultIfEmpty(0).Max();
    }

    private static void Exceeded(List<string> wrong, string what, int found, int limit)
    {
        if (found > limit)
            wrong.Add($"{found} {what}, more than {limit}.");
    }

    private static int Count(JsonNode summary, string dataType, params string[] states) =>
        ((JsonObject?)summary["transfers"]?[dataType] ?? []).Where(s => states.Length == 0 || states.Contains(s.Key)).Sum(s => (int)s.Value!);

    private static IEnumerable<JsonNode> Items(JsonNode answer) => ((answer as JsonArray) ?? (JsonArray)answer["items"]!).Select(n => n!);

    private static async Task<JsonNode> PollAsync(Func<Task<JsonNode>> ask, Predicate<JsonNode> done, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (true)
        {
            var answer = await ask();
            if (done(answer))
                return answer;
            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Waited 10 minutes until {what}: {answer}");
            }
        }
    }
}
