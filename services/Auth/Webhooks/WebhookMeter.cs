using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Webhooks;

/// <summary>What came by webhook and what became of it.</summary>
public sealed class WebhookMeter
{
    // Only signed events get here, so that nobody can fill this but HubSpot.
    private const int MostAccounts = 1000;

    private readonly Counter<long> _requests;
    private readonly Counter<long> _events;
    private readonly ConcurrentDictionary<long, bool> _strangers = [];

    public WebhookMeter(IMeterFactory meters)
    {
        var meter = meters.Create(ServiceDefaultsExtensions.TelemetryName);
        _requests = meter.CreateCounter<long>("hubspotbus.webhooks.requests", "{request}", "Webhook requests, by the status they were answered with");
        _events = meter.CreateCounter<long>("hubspotbus.webhooks.events", "{event}", "Events of webhooks, by what became of them");
    }

    public void Answered(int status) => _requests.Add(1, new KeyValuePair<string, object?>("status", status));

    public void NotUnderstood(int events) => Count(events, "not understood");

    public void Told(int events) => Count(events, "told");

    public void Doubled(int events) => Count(events, "doubled");

    /// <summary>True for an account that is met for the first time.</summary>
    public bool OfStranger(long account, int events)
    {
        Count(events, "of an account without subscription");
        return _strangers.Count < MostAccounts && _strangers.TryAdd(account, true);
    }

    private void Count(int events, string what)
    {
        if (events > 0)
            _events.Add(events, new KeyValuePair<string, object?>("outcome", what));
    }
}
