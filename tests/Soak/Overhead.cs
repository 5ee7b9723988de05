using System.Diagnostics;
using System.Net.Http.Headers;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.Testing;

namespace HubSpotBus.Soak;

/// <summary>What the egress adds to a call that finds its permit in the replica's hand: the same call straight to the simulator and through Auth, in turn.</summary>
internal static class Overhead
{
    private const double MostAtMedian = 1, MostAtP99 = 5;
    private const int WarmUp = 1000;

    // Slow enough that the replica asks for permits ahead of need, also on a machine that has other things to do.
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(5);

    public static async Task<bool> RunAsync(int calls)
    {
        var hubSpot = new SimulatorOptions { EnforceLimits = false, OAuthCallsPerTenSeconds = 10_000 };
        await using var auth = await AuthReplicas.StartAsync(1, hubSpot, limit: 60_000, seconds: 60);
        var record = (await auth.MakeAsync("contacts", "city", 1))[0];
        using var straight = Client(auth.Simulator.BaseAddress);
        straight.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", hubSpot.StaticToken);
        using var through = new HttpClient(new ShowServiceKey(AuthReplicas.ServiceKey)) { BaseAddress = auth.Running()[0] };
        var (direct, egress) = (new List<double>(), new List<double>());
        for (var call = 0; call < WarmUp + calls; call++)
        {
            var first = await TimeAsync(straight, $"crm/objects/2026-09/contacts/{record}");
            var second = await TimeAsync(through, $"egress/{auth.Subscription}/crm/objects/contacts/{record}");
            await Task.Delay(Between);
            if (call >= WarmUp)
            {
                direct.Add(first);
                egress.Add(second);
            }
        }

        var (median, p99) = (At(egress, 0.5) - At(direct, 0.5), At(egress, 0.99) - At(direct, 0.99));
        Console.WriteLine($"{calls} calls each way, one after the other, in turn; milliseconds\n");
        Console.WriteLine("| | straight to the simulator | through Auth | difference | required | |\n|---|---|---|---|---|---|");
        Print("median", At(direct, 0.5), At(egress, 0.5), MostAtMedian);
        Print("99th percentile", At(direct, 0.99), At(egress, 0.99), MostAtP99);
        return median < MostAtMedian && p99 < MostAtP99;
    }

    private static HttpClient Client(Uri address) => new() { BaseAddress = address };

    private static async Task<double> TimeAsync(HttpClient http, string path)
    {
        var since = Stopwatch.GetTimestamp();
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
        return Stopwatch.GetElapsedTime(since).TotalMilliseconds;
    }

    private static double At(List<double> times, double part) => times.Order().ElementAt((int)(part * (times.Count - 1)));

    private static void Print(string what, double direct, double egress, double most) => Console.WriteLine(
        $"| {what} | {direct:0.00} | {egress:0.00} | {egress - direct:0.00} | below {most:0} | {(egress - direct < most ? "held" : "**FAILED**")} |");
}
