using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>One attempt; status 0 means that there was no answer.</summary>
public sealed record WebhookDelivery(DateTimeOffset At, int Attempt, int Events, int Status);

/// <summary>Tells the app what happened: arrays of events, signed, tried again when they are not taken.</summary>
internal sealed class WebhookSender(SimulatorStore store, SimulatorOptions options, TimeProvider time, Journal journal) : BackgroundService
{
    private const int Kept = 200;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly ConcurrentDictionary<long, WebhookTurns> _turns = [];
    private readonly Queue<WebhookDelivery> _deliveries = [];
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private List<JsonObject> _pending = [];
    // Ends the deliveries; after a reset there is another one.
    private CancellationTokenSource _end = new();
    private long _lastEventId = 3_816_279_000;

    public IReadOnlyList<WebhookDelivery> Deliveries
    {
        get
        {
            lock (_gate)
            {
                return [.. _deliveries.Reverse()];
            }
        }
    }

    /// <summary>What a call did, for everybody who subscribed to it.</summary>
    public void Tell(ApiCall call)
    {
        var settings = store.Webhooks;
        var happenings = call.Happenings.Where(h => h.Type != ObjectType.Orders || !call.Portal.Switches.OrdersAreNotTold).ToList();
        journal.Add(call, happenings);
        var events = happenings
            .SelectMany(h => settings.Subscriptions.SelectMany(s => h.For(s).Select(e => Complete(call, h, s, e))))
            .ToList();
        if (settings.TargetUrl is null || events.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            _pending.AddRange(events);
        }

        _news.Release();
    }

    public void Clear()
    {
        journal.Clear();
        _end.Cancel();
        lock (_gate)
        {
            _end = new();
            _pending.Clear();
            _deliveries.Clear();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _http.Dispose();
        _news.Dispose();
        _end.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _news.WaitAsync(stoppingToken);
                Send();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping is no failure; what was not told stays untold.
            await _end.CancelAsync();
        }
    }

    private (List<JsonObject> Events, CancellationToken End) Take()
    {
        lock (_gate)
        {
            (var taken, _pending) = (_pending, []);
            return (taken, _end.Token);
        }
    }

    private void Send()
    {
        var (events, end) = Take();
        var settings = store.Webhooks;
        if (settings.TargetUrl is null)
        {
            return;
        }

        if (settings.Reverses)
        {
            events.Reverse();
        }

        foreach (var account in events.GroupBy(e => (long)e["portalId"]!))
        {
            var turns = _turns.GetOrAdd(account.Key, _ => new());
            foreach (var some in account.Chunk(settings.MostEvents))
            {
                for (var copy = settings.Doubles ? 2 : 1; copy > 0; copy--)
                {
                    _ = DeliverAsync(settings, turns, some, end);
                }
            }
        }
    }

    private async Task DeliverAsync(WebhookSettings settings, WebhookTurns turns, JsonObject[] events, CancellationToken end)
    {
        try
        {
            for (var attempt = 0; attempt <= settings.Delays.Count; attempt++)
            {
                if (attempt > 0)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(settings.Delays[attempt - 1]), time, end);
                }

                if (await PostInTurnAsync(settings, turns, Body(events, attempt), end) is not { } status)
                {
                    return;
                }

                Remember(new(store.Now, attempt, events.Length, status), end);
                if (status is >= 200 and < 300)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Stopped, or reset.
        }
    }

    /// <summary>Null where webhooks go elsewhere by now, or nowhere.</summary>
    private async Task<int?> PostInTurnAsync(WebhookSettings settings, WebhookTurns turns, string body, CancellationToken end)
    {
        await turns.BeginAsync(store.Webhooks.MaxConcurrentRequests);
        try
        {
            end.ThrowIfCancellationRequested();
            return store.Webhooks.TargetUrl == settings.TargetUrl ? await PostAsync(settings, body, end) : null;
        }
        finally
        {
            turns.End(store.Webhooks.MaxConcurrentRequests);
        }
    }

    private async Task<int> PostAsync(WebhookSettings settings, string body, CancellationToken end)
    {
        try
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(settings.TimeoutMilliseconds), time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, end);
            using var request = Request(settings.TargetUrl!, body);
            using var response = await _http.SendAsync(request, either.Token);
            return (int)response.StatusCode;
        }
        catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException && !end.IsCancellationRequested)
        {
            return 0;
        }
    }

    private HttpRequestMessage Request(Uri target, string body)
    {
        var timestamp = store.Now.ToUnixTimeMilliseconds();
        var request = new HttpRequestMessage(HttpMethod.Post, target)
        {
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Add("X-HubSpot-Signature-v3", WebhookSignature.V3(
            options.ClientSecret, "POST", target.OriginalString, body, timestamp));
        request.Headers.Add("X-HubSpot-Request-Timestamp", timestamp.ToString());
        request.Headers.Add("X-HubSpot-Signature", WebhookSignature.V1(options.ClientSecret, body));
        request.Headers.Add("X-HubSpot-Signature-Version", "v1");
        return request;
    }

    private static string Body(JsonObject[] events, int attempt) => new JsonArray([.. events.Select(e =>
    {
        var sent = e.DeepClone();
        sent["attemptNumber"] = attempt;
        return sent;
    })]).ToJsonString(Json.Web);

    private JsonObject Complete(ApiCall call, Happening happening, WebhookSubscription subscription, JsonObject said)
    {
        said["eventId"] = Interlocked.Increment(ref _lastEventId);
        said["subscriptionId"] = subscription.Id;
        said["portalId"] = call.Portal.Id;
        said["appId"] = TokenEndpoints.AppId;
        said["occurredAt"] = call.Now.ToUnixTimeMilliseconds();
        said["subscriptionType"] = subscription.SubscriptionType;
        said["attemptNumber"] = 0;
        said["changeSource"] = call.IsByPerson ? call.Source : call.Portal.Switches.ApiChangeSource;
        said["sourceId"] = call.SourceId;
        if (happening.Event != "associationChange")
        {
            said["objectId"] = long.Parse(happening.Id);
        }

        if (subscription.SubscriptionType.StartsWith("object.", StringComparison.Ordinal))
        {
            said["objectTypeId"] = happening.Type.TypeId;
            said["isSensitive"] = false;
        }

        return said;
    }

    private void Remember(WebhookDelivery delivery, CancellationToken end)
    {
        lock (_gate)
        {
            end.ThrowIfCancellationRequested();
            _deliveries.Enqueue(delivery);
            if (_deliveries.Count > Kept)
            {
                _deliveries.Dequeue();
            }
        }
    }
}
