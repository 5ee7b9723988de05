using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Admin;
using HubSpotBus.HubSpotSimulator.Faults;

namespace HubSpotBus.Soak;

/// <summary>
/// The soak at one throttle limit: callers in all lanes, while the simulator answers some calls with 429 and a replica is killed
/// after two fifths of the time, and started again after seven tenths.
/// </summary>
internal sealed class OneLimit(AuthReplicas auth, IReadOnlyList<Lane> lanes, int limit, TimeSpan window, TimeSpan time, int seed)
{
    private static readonly TimeSpan DrainedWithin = TimeSpan.FromMinutes(5);
    private readonly List<(string What, string Counted, string Required, bool Holds)> _verdicts = [];

    /// <summary>Runs, prints its tables, and says whether everything held.</summary>
    public async Task<bool> RunAsync()
    {
        await auth.SetAsync(limit, (int)window.TotalSeconds);

        // With a window that is full at the start, the last calls would fall on the end: a tenth of a second would decide about a whole window.
        await Task.Delay(window);
        var calls = auth.Simulator.Calls;
        var before = calls.Latest.Select(c => c.At).Order().ToList();
        calls.Reset();
        var pauses = Refuse();

        using var callers = new Callers(lanes, auth.Running, auth.Subscription, AuthReplicas.ServiceKey);
        using var end = new CancellationTokenSource();
        using var giveUp = new CancellationTokenSource();
        var start = TimeProvider.System.GetUtcNow();
        var calling = callers.CallAsync(end.Token, giveUp.Token);
        await Task.Delay(time * 0.4);
        await auth.KillOneAsync();
        var killedAt = TimeProvider.System.GetUtcNow() - start;
        await Task.Delay(time * 0.3);
        var starting = StartAgainAsync(start);
        await Task.Delay(time * 0.3);

        var stop = start + time;
        var (counted, log) = (calls.Read(window), calls.Latest);
        await end.CancelAsync();
        var startedAt = await starting;
        var faults = auth.Simulator.Faults.All();
        auth.Simulator.Faults.Clear();
        // Those who still wait are answered too, soon.
        await auth.SetAsync(600, (int)window.TotalSeconds);
        giveUp.CancelAfter(DrainedWithin);
        await calling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var refused = log.Where(c => c.Fault is not null && pauses.ContainsKey(c.Fault) && c.At < stop)
            .Select(c => (From: c.At + c.Took, Until: c.At + c.Took + pauses[c.Fault!])).ToList();
        var allowed = AllowedCalls.Until(
            before, start, stop, [(limit, window), (Soaking.AccountCalls, TimeSpan.FromSeconds(10))], refused);

        Console.WriteLine($"\n## {limit} calls per {window.TotalSeconds:0} s, {time.TotalMinutes:0.#} minutes\n");
        Console.WriteLine($"One of three replicas was killed after {killedAt.TotalSeconds:0} s and was there again after {startedAt.TotalSeconds:0} s. "
            + $"Callers lost it {callers.CutOff} times, were told to come back later {callers.Throttled} times, and got no answer of HubSpot {callers.Unanswered} times. "
            + $"429 of the simulator: {string.Join(", ", faults.Select(f => $"{f.Match.Kind} {int.MaxValue - f.Times}"))}.\n");
        PrintMinutes(start, stop, log, allowed);
        Judge(counted, counted.Total - log.Count(c => c.At >= stop), allowed.Count, callers);
        Console.WriteLine("\n| | counted | required | |\n|---|---|---|---|");
        foreach (var (what, has, required, holds) in _verdicts)
            Console.WriteLine($"| {what} | {has} | {required} | {(holds ? "held" : "**FAILED**")} |");
        return _verdicts.All(v => v.Holds);
    }

    private async Task<TimeSpan> StartAgainAsync(DateTimeOffset start)
    {
        await auth.StartItAgainAsync();
        return TimeProvider.System.GetUtcNow() - start;
    }

    // All three bodies of HubSpot's 429. The pause each asks for closes the account's window; that of a search, only the searches'.
    // Not so often that the account's limit could not make up for the pauses.
    // HubSpot says nothing of how long the day's limit lasts, which would be the end of the half: here it does.
    private Dictionary<string, TimeSpan> Refuse()
    {
        var often = limit >= 100 ? 1 : 40;
        var faults = auth.Simulator.Faults;
        var rolling = faults.Add(Refused("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.", "*.update", 0.001 * often, seed));
        var daily = faults.Add(Refused("DAILY", "You have reached your daily limit.", "*", 0.001 * often, seed + 1) with { RetryAfterSeconds = 5 });
        faults.Add(new Fault
        {
            Match = new() { Kind = "*.search" }, Status = 429, Rate = limit >= 100 ? 0.02 : 0.5, Seed = seed + 2, Times = int.MaxValue,
            Body = new JsonObject { ["status"] = "error", ["message"] = "You have reached your secondly limit.", ["correlationId"] = null, ["category"] = "RATE_LIMITS" },
        });
        return new() { [rolling.Id] = TimeSpan.FromSeconds(10), [daily.Id] = TimeSpan.FromSeconds(5) };
    }

    private static Fault Refused(string policy, string message, string kind, double rate, int seed) => new()
    {
        Match = new() { Kind = kind }, Status = 429, Rate = rate, Seed = seed, Times = int.MaxValue,
        Body = new JsonObject
        {
            ["status"] = "error", ["message"] = message, ["errorType"] = "RATE_LIMIT", ["correlationId"] = null, ["policyName"] = policy,
        },
    };

    private void PrintMinutes(DateTimeOffset start, DateTimeOffset stop, IReadOnlyList<LoggedCall> log, IReadOnlyList<DateTimeOffset> allowed)
    {
        Console.WriteLine("| minute | calls | allowed | live | retry | backfill | 429 |\n|---|---|---|---|---|---|---|");
        for (var from = start; from < stop; from += TimeSpan.FromMinutes(1))
        {
            var until = from + TimeSpan.FromMinutes(1);
            var these = log.Where(c => c.At >= from && c.At < until && c.At < stop).ToList();
            var byLane = lanes.Select(l => $"{these.Count(c => IsOf(l, c.Kind))}");
            Console.WriteLine($"| {(until - start).TotalMinutes:0} | {these.Count} | {allowed.Count(a => a >= from && a < until)} "
                + $"| {string.Join(" | ", byLane)} | {these.Count(c => c.Status == 429)} |");
        }
    }

    private void Judge(CallCounts counted, int used, int allowed, Callers callers)
    {
        Add($"most calls in any {window.TotalSeconds:0} s", $"{counted.MaxInSlidingWindow}", $"at most {limit}", counted.MaxInSlidingWindow <= limit);
        Add("most calls at one moment", $"{counted.MaxAtOnce}", $"at most {AuthReplicas.AtOnce}", counted.MaxAtOnce <= AuthReplicas.AtOnce);
        Add("used of the allowed calls", $"{used} of {allowed}, {(double)used / allowed:P1}", "at least 95 %", used >= 0.95 * allowed);
        var held = lanes.SelectMany(l => auth.Simulator.Store.Portal(AuthReplicas.AccountId).Records(l.Type).Select(r => (r.Id, Value: r[l.Property])))
            .ToDictionary(r => r.Id, r => r.Value);
        var wrong = callers.Wrong + callers.Written.Count(w => held[w.Key] != w.Value);
        Add("calls answered of those asked", $"{callers.Answered} of {callers.Asked}, {wrong} wrong", "all, none wrong",
            callers.Answered == callers.Asked && callers.Asked > 0 && wrong == 0);

        // Live has what these leave. A replica divides what it has to hand out, and none divides a call: each, and the one started again, may
        // be one call behind.
        var ofLanes = lanes.ToDictionary(l => l, l => counted.ByKind.Where(k => IsOf(l, k.Key)).Sum(k => k.Value));
        var all = ofLanes.Values.Sum();
        foreach (var lane in lanes.Where(l => l.Name != "live"))
        {
            Add($"lane {lane.Name}", $"{ofLanes[lane]}, {(double)ofLanes[lane] / all:P1}", $"{lane.Share:P0}, less one call a replica",
                ofLanes[lane] >= (lane.Share * all) - Soaking.Replicas - 1);
        }
    }

    private void Add(string what, string counted, string required, bool holds) => _verdicts.Add((what, counted, required, holds));

    private static bool IsOf(Lane lane, string kind) => kind.StartsWith($"{lane.Type}.", StringComparison.Ordinal);
}
