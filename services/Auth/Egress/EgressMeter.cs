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

    public EgressMeter(IMeterFactory meters, LiveConnections connections, Throttle throttle)
    {
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

    public void Called(LiveConnection connection, Lane lane)
    {
        connection.Counts.Called();
        _calls.Add(1, Of(connection), In(lane));
    }

    public void RefusedFor429(LiveConnection connection)
    {
        connection.Counts.RefusedFor429();
        _refused.Add(1, Of(connection));
    }

    public void GaveUpWaiting(LiveConnection connection, Lane lane)
    {
        connection.Counts.GaveUpWaiting();
        _throttled.Add(1, Of(connection), In(lane));
    }

    public void Retried(LiveConnection connection)
    {
        connection.Counts.Retried();
        _retries.Add(1, Of(connection));
    }

    private static KeyValuePair<string, object?> Of(LiveConnection connection) => new("subscription", connection.SubscriptionId);

    private static KeyValuePair<string, object?> In(Lane lane) => new("lane", lane.ToString());
}
