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
    // One for each limit that was ever set.
    private readonly ConcurrentDictionary<int, SemaphoreSlim> _atOnce = [];
    private readonly Queue<WebhookDelivery> _deliveries = [];
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private List<JsonObject> _pending = [];
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
        lock (_gate)
        {
            _pending.Clear();
            _deliveries.Clear();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _http.Dispose();
        _news.Dispose();
        foreach (var limit in _atOnce.Values)
        {
            limit.Dispose();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _news.WaitAsync(stoppingToken);
                Send(Take(), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping is no failure; what was not told stays untold.
        }
    }

    private List<JsonObject> Take()
    {
        lock (_gate)
        {
            (var taken, _pending) = (_pending, []);
            return taken;
        }
    }

    private void Send(List<JsonObject> events, CancellationToken stopping)
    {
        var settings = store.Webhooks;
        if (settings.TargetUrl is null)
        {
            return;
        }

        if (settings.Reverses)
        {
            events.Reverse();
        }

        foreach (var some in events.Chunk(settings.MostEvents))
        {
            for (var copy = settings.Doubles ? 2 : 1; copy > 0; copy--)
            {
                _ = DeliverAsync(settings, settings.TargetUrl, some, stopping);
            }
        }
    }

    private async Task DeliverAsync(WebhookSettings settings, Uri target, JsonObject[] events, CancellationToken stopping)
    {
        try
        {
            for (var attempt = 0; attempt <= settings.Delays.Count; attempt++)
            {
                if (attempt > 0)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(settings.Delays[attempt - 1]), time, stopping);
                }

                var status = await PostAsync(settings, target, Body(events, attempt), stopping);
                Remember(new(store.Now, attempt, events.Length, status));
                if (status is >= 200 and < 300)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping is no failure.
        }
    }

    private async Task<int> PostAsync(WebhookSettings settings, Uri target, string body, CancellationToken stopping)
    {
        var atOnce = _atOnce.GetOrAdd(settings.MaxConcurrentRequests, limit => new(limit));
        await atOnce.WaitAsync(stopping);
        try
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(settings.TimeoutMilliseconds), time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
            using var request = Request(target, body);
            using var response = await _http.SendAsync(request, either.Token);
            return (int)response.StatusCode;
        }
        catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException && !stopping.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            atOnce.Release();
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

    private void Remember(WebhookDelivery delivery)
    {
        lock (_gate)
        {
            _deliveries.Enqueue(delivery);
            if (_deliveries.Count > Kept)
            {
                _deliveries.Dequeue();
            }
        }
    }
}
