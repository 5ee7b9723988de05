using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using HubSpotBus.Auth.Webhooks;
using HubSpotBus.HubSpotSimulator;

namespace HubSpotBus.Soak;

/// <summary>
/// Whether webhooks are answered within a second while everything else of Auth is busy: signed deliveries of a hundred events each, from
/// many connections at once, while calls wait for a throttle that lets five a minute through and the bus brings settings all the time.
/// </summary>
internal static class Deliveries
{
    private const int MostOfHubSpot = 10; // at once, for one account: each of them has to be taken
    private static readonly int[] _connections = [MostOfHubSpot, 32];
    private const int EventsEach = 100;
    private const double MostMilliseconds = 1000;
    private static readonly TimeSpan _for = TimeSpan.FromSeconds(30);
    private static long _number;

    public static async Task<bool> RunAsync()
    {
        var hubSpot = new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero };
        await using var auth = await AuthReplicas.StartAsync(1, hubSpot, limit: 60_000, seconds: 60);
        Lane[] lanes = [new("live", 1, "contacts", "city", await auth.MakeAsync("contacts", "city", 40))];
        await auth.SetAsync(limit: 5, seconds: 60);
        using var callers = new Callers(lanes, auth.Running, auth.Subscription, AuthReplicas.ServiceKey);
        using var end = new CancellationTokenSource();
        var calling = callers.CallAsync(end.Token, end.Token);
        var busy = auth.KeepBusBusyAsync(end.Token);

        Console.WriteLine($"| at once | deliveries of {EventsEach} events in {_for.TotalSeconds:0} s | median | 99th percentile | most | not answered 200 | within a second |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        var held = true;
        foreach (var connections in _connections)
            held &= await CrowdAsync(connections, new Uri(auth.Running()[0], ReceiveWebhook.Path));
        await end.CancelAsync();
        await calling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Console.WriteLine($"\nMeanwhile {callers.Asked - callers.Answered} calls waited for the throttle, and {await busy} settings came over the bus.");
        return held;
    }

    private static async Task<bool> CrowdAsync(int connections, Uri address)
    {
        var times = new ConcurrentBag<double>();
        var statuses = new ConcurrentDictionary<HttpStatusCode, int>();
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections });
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(began) < _for)
            {
                var body = Events(Interlocked.Add(ref _number, EventsEach));
                var since = Stopwatch.GetTimestamp();
                using var request = Signed(address, body);
                using var answer = await http.SendAsync(request);
                times.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
                statuses.AddOrUpdate(answer.StatusCode, 1, (_, n) => n + 1);
            }
        }));

        var sorted = times.Order().ToList();
        var held = sorted[^1] < MostMilliseconds && (connections > MostOfHubSpot || statuses.Keys.All(s => s == HttpStatusCode.OK));
        var notTaken = statuses.Where(s => s.Key != HttpStatusCode.OK).Select(s => $"{s.Value} of {(int)s.Key}").DefaultIfEmpty("none");
        Console.WriteLine($"| {connections} | {sorted.Count} | {At(sorted, 0.5):0} ms | {At(sorted, 0.99):0} ms | {sorted[^1]:0} ms | {string.Join(", ", notTaken)} | {(held ? "held" : "**FAILED**")} |");
        return held;
    }

    private static byte[] Events(long first) => JsonSerializer.SerializeToUtf8Bytes(Enumerable.Range(0, EventsEach).Select(n => new
    {
        eventId = first + n, subscriptionId = 25, portalId = AuthReplicas.AccountId, appId = 77, occurredAt = 1_750_000_000_000 + first + n,
        subscriptionType = "contact.propertyChange", attemptNumber = 0, objectId = first + n, propertyName = "email",
        propertyValue = $"{first + n}@example.com",
    }));

    private static HttpRequestMessage Signed(Uri address, byte[] body)
    {
        var time = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var signed = new SignedRequest { Method = "POST", Url = address.AbsoluteUri, Body = body, Timestamp = time };
        var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        request.Headers.Add(SignedRequest.TimestampHeader, time);
        request.Headers.Add(SignedRequest.V3Header, signed.SignV3(AuthReplicas.ClientSecret));
        return request;
    }

    private static double At(List<double> sorted, double part) => sorted[(int)(part * (sorted.Count - 1))];
}
