using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.Standalone.Tests;
using Shouldly;

namespace HubSpotBus.Matrix;

/// <summary>One run: an account, a data set, a share of calls that fail.</summary>
internal sealed class Cell(Account account, DataSet data, double rate)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Words of the reason with which connecting is to be refused.</summary>
    public static string? Refusal(Account account, DataSet data) => account.TakesDeals && data.AsDeals ? null : account.Refusal;

    public async Task<CellResult> RunAsync()
    {
        var clock = Stopwatch.StartNew();
        try
        {
            await using var installation = await AnInstallation.ConnectedAsync(
                data.Settings, Prepare, data.AccountId, hubSpot: new SimulatorOptions { SearchIndexDelay = account.SearchesLagBy });
            AddFaults(installation.Simulator);
            await data.LoadAsync(installation);
            var summary = await SettledAsync(installation);
            await installation.NothingComesLateAsync();
            var wrong = AnInstallation.IsSettled(summary)
                ? (await data.WrongAsync(installation)).ToList()
                : [$"not settled after {Patience.TotalMinutes} minutes: {summary.ToJsonString()}"];
            var parked = AnInstallation.Parked(summary);
            if (parked != data.Parked)
                wrong.Add($"{parked} parked instead of {data.Parked}: {await ReasonsAsync(installation)}");
            var failed = installation.Simulator.Calls.Latest.Count(c => c.Fault is not null);
            if (rate > 0 && failed == 0)
                wrong.Add("no call failed");
            return Result(clock, wrong, parked, installation.Simulator.Calls.Total, failed);
        }
        catch (ShouldAssertException refused) when (Refusal(account, data) is { } words)
        {
            var reason = Reason(refused.Message);
            return Result(clock, reason.Contains(words, StringComparison.Ordinal) ? [] : [$"refused without saying \"{words}\""], 0, 0, 0, $"refused: {reason}");
        }
    }

    private CellResult Result(Stopwatch clock, IReadOnlyList<string> wrong, int parked, int calls, int failed, string? says = null) =>
        new(account, data, rate, wrong, parked, calls, failed, clock.Elapsed, says ?? (Refusal(account, data) is null ? null : "not refused"));

    private Task Prepare(SimulatorHost simulator)
    {
        simulator.Switch(long.Parse(data.AccountId, CultureInfo.InvariantCulture), account.Switches);
        return Task.CompletedTask;
    }

    // Refused before in two ways, lost after the commit, and committed two seconds after its 504: a quarter each; the same calls every time.
    private void AddFaults(SimulatorHost simulator)
    {
        if (rate == 0)
            return;
        var (batches, share, times) = (new FaultMatch { PathContains = "/batch/" }, data.HasFewCalls ? (double?)null : rate / 4, data.HasFewCalls ? 1 : (int?)null);
        simulator.Faults.Add(new Fault { Match = batches, Status = 503, Rate = share, Seed = 1, Times = times });
        simulator.Faults.Add(new Fault { Match = batches, Status = 0, When = "after", Rate = share, Seed = 2, Times = times });
        simulator.Faults.Add(new Fault { Match = batches, Status = 429, RetryAfterSeconds = account.Switches.RetryAfterOn429 ? 1 : null, Rate = share, Seed = 4, Times = times });
        simulator.Faults.Add(new Fault { Match = batches, Status = 504, When = "late", DelayMilliseconds = 2000, Rate = share, Seed = 3, Times = times });
    }

    private static async Task<JsonNode> SettledAsync(AnInstallation installation)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var summary = await installation.Hub.GetAsync($"{installation.Subscription}/summary");
            if (AnInstallation.IsSettled(summary) || patience.IsCancellationRequested)
                return summary;
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static async Task<string> ReasonsAsync(AnInstallation installation) => string.Join("; ",
        ((JsonArray)(await installation.Hub.GetAsync($"{installation.Subscription}/transfers?state=parked"))["items"]!)
        .SelectMany(t => t!["problems"]!.AsArray()).Select(p => (string?)p!["message"]).Distinct().Take(3));

    private static string Reason(string message)
    {
        var start = message.IndexOf("{\"state\"", StringComparison.Ordinal);
        var end = message.LastIndexOf('}');
        return start < 0 ? message.ReplaceLineEndings(" ") : (string?)JsonNode.Parse(message[start..(end + 1)])!["reason"] ?? message;
    }
}

/// <summary>What came of a run.</summary>
internal sealed record CellResult(
    Account Account, DataSet Data, double Rate, IReadOnlyList<string> Wrong, int Parked, int Calls, int Failed, TimeSpan Took, string? Says)
{
    public const string Head = "| account | data set | faults | result | parked | calls | of them failed | s |\n|---|---|---|---|---|---|---|---|";

    public bool IsRight => Wrong.Count == 0 && (Cell.Refusal(Account, Data) is null || Says?.StartsWith("refused", StringComparison.Ordinal) == true);

    public string Line => string.Create(CultureInfo.InvariantCulture,
        $"| {Account.Name} | {Data.Name} | {(Rate > 0 && Data.HasFewCalls ? "one of each" : Rate.ToString("0 %", CultureInfo.InvariantCulture))} | {(IsRight ? Says ?? "right" : $"WRONG: {string.Join("; ", Wrong.Take(5))} {Says}")} | {Parked} | {Calls} | {Failed} | {Took.TotalSeconds:0.0} |");
}
