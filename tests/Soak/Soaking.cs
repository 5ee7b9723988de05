using HubSpotBus.HubSpotSimulator;

namespace HubSpotBus.Soak;

/// <summary>Whether the limits hold over three replicas for a long time, at a high limit and at a low one.</summary>
internal static class Soaking
{
    public const int Replicas = 3;
    public const int AccountCalls = 110;

    public static async Task<bool> RunAsync(double minutes, int seconds, int seed)
    {
        Console.WriteLine($"{minutes} minutes at each limit, windows of {seconds} s, seed {seed}");
        var hubSpot = new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero, LatencyMilliseconds = 100, OAuthCallsPerTenSeconds = AccountCalls };
        await using var auth = await AuthReplicas.StartAsync(Replicas, hubSpot, 500, seconds);
        Lane[] lanes =
        [
            new("live", 0.7, "contacts", "city", await auth.MakeAsync("contacts", "city", 40)),
            new("retry", 0.2, "companies", "name", await auth.MakeAsync("companies", "name", 20)),
            new("backfill", 0.1, "products", "name", await auth.MakeAsync("products", "name", 20)),
        ];
        var held = true;
        foreach (var limit in new[] { 500, 5 })
            held &= await new OneLimit(auth, lanes, limit, TimeSpan.FromSeconds(seconds), TimeSpan.FromMinutes(minutes), seed).RunAsync();
        Console.WriteLine(held ? "\nEverything held." : "\nNot everything held.");
        return held;
    }
}
