using System.Diagnostics.Metrics;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Egress;

/// <summary>What the egress measures.</summary>
public sealed class EgressMeter
{
    private readonly Counter<long> _calls;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _throttled;
    private readonly Counter<long> _retries;
    private readonly TimeProvider _time;

    public EgressMeter(IMeterFactory meters, LiveConnections connections, Throttle throttle, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(ServiceDefaultsExtensions.TelemetryName);
        _calls = meter.CreateCounter<long>("hubspotbus.egress.calls", "{call}", "Calls made to HubSpot");
        _refused = meter.CreateCounter<long>("hubspotbus.egress.refused", "{call}", "Calls that HubSpot answered with 429");
        _throttled = meter.CreateCounter<long>("hubspotbus.egress.throttled", "{call}", "Calls that found no room in time");
        _retries = meter.CreateCounter<long>("hubspotbus.egress.retries", "{call}", "Calls made again");
        meter.CreateObservableGauge("hubspotbus.egress.waiting", () => connections.All.Select(c =>
            new Measurement<int>(throttle.Read(c.Line).Waiting, Of(c))), "{call}", "Calls waiting for their permit");
        meter.CreateObservableGauge("hubspotbus.egress.oldest_waiting", () => connections.All.Select(c =>
            new Measurement<double>(throttle.Read(c.Line).OldestWaitingSeconds, Of(c))), "s", "Wait of the oldest waiting call");
    }

    public void Called(LiveConnection connection, CallKind call)
    {
        connection.Counts.Goes(call, Now);
        _calls.Add(1, Of(connection), In(call.Lane));
    }

    public void RefusedFor429(LiveConnection connection, CallKind call)
    {
        connection.Counts.Happened(call, Happening.Refused, Now);
        _refused.Add(1, Of(connection));
    }

    public void GaveUpWaiting(LiveConnection connection, CallKind call)
    {
        connection.Counts.Happened(call, Happening.Throttled, Now);
        _throttled.Add(1, Of(connection), In(call.Lane));
    }

    public void Retried(LiveConnection connection, CallKind call)
    {
        connection.Counts.Happened(call, Happening.Retried, Now);
        _retries.Add(1, Of(connection));
    }

    /// <summary>What this replica did for the subscription within its window, and how it stands now.</summary>
    public ReplicaReading Read(LiveConnection connection, ThrottleReading throttle) =>
        new(connection.Counts.Read(TimeSpan.FromSeconds(throttle.Seconds), Now), throttle.OldestWaitingSeconds);

    private TimeSpan Now => _time.GetElapsedTime(0);

    private static KeyValuePair<string, object?> Of(LiveConnection connection) => new("subscription", connection.SubscriptionId);

    private static KeyValuePair<string, object?> In(Lane lane) => new("lane", lane.ToString());
}

/// <summary>What one replica measured of a subscription.</summary>
public sealed record ReplicaReading(IReadOnlyList<CallCount> Counts, double OldestWaitingSeconds);
