using System.Diagnostics.Metrics;
using HubSpotBus.Hub.Transfers;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>What an operator watches: the oldest waiting transfer, the slots held, and the messages that met a bug.</summary>
internal sealed class HubMeter
{
    public HubMeter(IMeterFactory meters, IServiceScopeFactory scopes, TimeProvider time)
    {
        var meter = meters.Create(ServiceDefaultsExtensions.TelemetryName);
        meter.CreateObservableGauge("hubspotbus.transfers.oldest_waiting", () => Read(scopes, db =>
            // DueAt of a pending transfer is since when it is pending, and in an index.
            db.Transfers.Where(t => t.State == TransferState.Pending).Min(t => (DateTimeOffset?)t.DueAt) is { } oldest
                ? (time.GetUtcNow() - oldest).TotalSeconds
                : 0), "s", "Age of the oldest pending transfer.");
        meter.CreateObservableGauge("hubspotbus.batch_executions.slots_held", () => Read(scopes, db => db.Slots.Count()), description: "Slots held now.");
        meter.CreateObservableGauge("hubspotbus.dead_letters", () => Read(scopes, db => db.DeadLetters.Count()), description: "Messages that met a bug.");
    }

    private static T Read<T>(IServiceScopeFactory scopes, Func<HubDb, T> read)
    {
        using var scope = scopes.CreateScope();
        return read(scope.ServiceProvider.GetRequiredService<HubDb>());
    }
}
