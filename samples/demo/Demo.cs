using System.Diagnostics;
using System.Text.Json.Nodes;

namespace HubSpotBus.Samples;

/// <summary>A company (tenant) with its records, and what is to be in HubSpot when they have arrived.</summary>
internal sealed record DemoCompany
{
    public required string Name { get; init; }

    /// <summary>The account that it is connected to.</summary>
    public required string HubSpotAccountId { get; init; }

    /// <summary>Settings of its subscription that are not the default.</summary>
    public JsonObject Settings { get; init; } = [];

    /// <summary>HubSpot calls that it may cost, set-up included.</summary>
    public required int Budget { get; init; }

    /// <summary>Companies, customers, products and transactions, as the hub's API takes them.</summary>
    public required IReadOnlyList<object> Companies { get; init; }

    public required IReadOnlyList<object> Customers { get; init; }

    public required IReadOnlyList<object> Products { get; init; }

    public required IReadOnlyList<object> Transactions { get; init; }

    /// <summary>Compares what HubSpot has with what it should have; each sentence is something that is wrong.</summary>
    public required Func<HubSpotAccount, Task<IReadOnlyList<string>>> DifferencesAsync { get; init; }
}

/// <summary>The demo from subscribing to the report. Run again on the same data, it finds nothing left to do.</summary>
internal sealed class Demo(DemoCompany company, HubApi hub, HubSpotAccount account, string dataFolder, string simulatorAddress)
{
    private static readonly string[] DataTypes = ["companies", "customers", "products", "transactions"];

    /// <summary>Runs it with what a sample's command line says. The exit code: 0 when everything arrived, within the budget.</summary>
    public static async Task<int> RunAsync(string[] args, DemoCompany company)
    {
        if (args is not [var hubAddress, var simulatorAddress, var dataFolder, ..])
        {
            Console.Error.WriteLine("Usage: <hub address> <simulator address> <data folder> [<simulator address as the hub has it>]");
            return 2;
        }

        using var hubHttp = new HttpClient { BaseAddress = new Uri(hubAddress) };
        using var simulatorHttp = new HttpClient { BaseAddress = new Uri(simulatorAddress) };
        var demo = new Demo(company, new HubApi(hubHttp), new HubSpotAccount(simulatorHttp, company.HubSpotAccountId), dataFolder,
            args.ElementAtOrDefault(3) ?? simulatorAddress);
        try
        {
            return await demo.RunAsync();
        }
        catch (Exception failure) when (failure is HttpRequestException or InvalidOperationException or TimeoutException)
        {
            Console.Error.WriteLine($"The demo ended early: {failure.Message}");
            return 1;
        }
    }

    private string SubscriptionName => $"HubSpot - {company.Name.Split(' ')[0]}";

    public async Task<int> RunAsync()
    {
        var clock = Stopwatch.StartNew();
        var callsAtFirst = (await account.CallsAsync()).Total;
        var (companyPath, subscription) = await SubscribeAsync();
        await ConnectAsync(subscription);
        var setUp = (await account.CallsAsync()).Total - callsAtFirst;
        await LoadAsync(companyPath);
        var summary = await FollowAsync(subscription);
        return await ReportAsync(subscription, summary, callsAtFirst, setUp, clock.Elapsed);
    }

    /// <summary>The company (tenant) and its subscription, made now or by an earlier run.</summary>
    private async Task<(string Company, string Subscription)> SubscribeAsync()
    {
        hub.SignInWith((await File.ReadAllTextAsync(Path.Combine(dataFolder, "admin-key"))).Trim());
        var companies = Items(await hub.GetAsync("/api/companies"));
        var own = companies.FirstOrDefault(c => (string?)c["name"] == company.Name) ?? await hub.PostAsync("/api/companies", new { name = company.Name });
        var companyPath = $"/api/companies/{own["id"]}";
        var subscriptions = Items(await hub.GetAsync($"{companyPath}/subscriptions"));
        var wanted = company.Settings.DeepClone().AsObject();
        (wanted["name"], wanted["version"], wanted["apiUrl"]) = (SubscriptionName, "2026.1", simulatorAddress);
        var subscription = subscriptions.FirstOrDefault(s => (string?)s["name"] == SubscriptionName)
            ?? await hub.PostAsync($"{companyPath}/subscriptions", wanted);
        return (companyPath, $"{companyPath}/subscriptions/{subscription["id"]}");
    }

    private async Task ConnectAsync(string subscription)
    {
        if ((string?)(await hub.GetAsync($"{subscription}/connection"))["state"] == "connected")
        {
            Console.WriteLine("Connected already.");
            return;
        }

        await hub.ConnectAsync(subscription, company.HubSpotAccountId);
        var connection = await PollAsync(
            () => hub.GetAsync($"{subscription}/connection"), c => (string?)c["state"] is "connected" or "failed", "the connection is ready");
        if ((string?)connection["state"] != "connected")
            throw new InvalidOperationException($"Connecting failed: {connection["reason"]}");
        Console.WriteLine($"Connected \"{SubscriptionName}\" to HubSpot account {company.HubSpotAccountId}.");
    }

    private async Task LoadAsync(string companyPath)
    {
        IReadOnlyList<object>[] records = [company.Companies, company.Customers, company.Products, company.Transactions];
        foreach (var (dataType, upload) in DataTypes.Zip(records))
        {
            var answer = await hub.UploadAsync($"{companyPath}/records/{dataType}", upload);
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

    private async Task<int> ReportAsync(string subscription, JsonNode summary, int callsAtFirst, int setUp, TimeSpan took)
    {
        var calls = await account.CallsAsync();
        var total = calls.Total - callsAtFirst;
        var wrong = (await company.DifferencesAsync(account)).ToList();
        var atOnce = await MostBatchExecutionsAtOnceAsync(subscription);
        var settings = await hub.GetAsync(subscription);
        Exceeded(wrong, "HubSpot calls", total, company.Budget);
        Exceeded(wrong, "HubSpot calls in 60 s", calls.InAMinute, (int)settings["apiThrottleLimit"]!);
        Exceeded(wrong, "HubSpot calls at one moment", calls.AtOnce, (int)settings["concurrentConnections"]!);
        Exceeded(wrong, "batch executions at one moment", atOnce, (int)settings["concurrentBatchExecutions"]!);

        Console.WriteLine();
        Console.WriteLine($"{"",-14}{"transferred",12}{"parked",8}");
        foreach (var dataType in DataTypes)
            Console.WriteLine($"{dataType,-14}{Count(summary, dataType, "transferred", "skipped"),12}{Count(summary, dataType, "parked"),8}");
        Console.WriteLine($"HubSpot calls: {total} of at most {company.Budget} (set-up {setUp}); most in 60 s {calls.InAMinute}, most at one moment {calls.AtOnce}; most batch executions at one moment {atOnce}");
        if (total == setUp)
            Console.WriteLine("Nothing was left to do.");
        foreach (var sentence in wrong)
            Console.WriteLine($"WRONG: {sentence}");

        var parked = DataTypes.Sum(t => Count(summary, t, "parked"));
        Console.WriteLine($"demo: {DataTypes.Sum(t => Count(summary, t, "transferred", "skipped"))} records transferred, {parked} parked, {total} HubSpot calls, {took.TotalSeconds:0.0} s");
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
