using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Webhooks;

/// <summary>
/// Tells each event once, whatever replica it came to and however often, to the subscriptions that are connected to its account.
/// HubSpot sends the events of all accounts that have the app, also of those that nobody here knows.
/// </summary>
public sealed partial class SortHubSpotEventsConsumer(AuthDb db, WebhookMeter meter, TimeProvider time, ILogger<SortHubSpotEventsConsumer> log)
    : IConsumer<SortHubSpotEvents>
{
    private const int MostChanges = 100;

    public async Task Consume(ConsumeContext<SortHubSpotEvents> context)
    {
        var cancellation = context.CancellationToken;
        var events = context.Message.Events.DistinctBy(e => e.Key).ToList();
        var subscriptions = await SubscriptionsAsync(events, cancellation);
        Leave(events.Where(e => !subscriptions.Contains(e.HubSpotAccountId)));
        events.RemoveAll(e => !subscriptions.Contains(e.HubSpotAccountId));

        var seen = await SeenAsync(events, cancellation);
        meter.Doubled(context.Message.Events.Count - context.Message.Events.DistinctBy(e => e.Key).Count() + seen.Count);
        events.RemoveAll(e => seen.Contains(e.Key));
        db.SeenHubSpotEvents.AddRange(events.Select(e => new SeenHubSpotEvent { Key = e.Key, SeenAt = time.GetUtcNow() }));
        meter.Told(events.Count);
        foreach (var about in events.GroupBy(e => (e.HubSpotAccountId, e.ObjectType)))
        {
            foreach (var changes in about.Select(e => e.Change).Chunk(MostChanges))
            {
                foreach (var subscription in subscriptions[about.Key.HubSpotAccountId])
                    await context.Publish(Fact(subscription, about.Key.HubSpotAccountId, about.Key.ObjectType, changes), cancellation);
            }
        }
    }

    private static HubSpotRecordsChanged Fact(Guid subscription, long account, string objectType, IReadOnlyList<HubSpotChange> changes) => new()
    {
        SubscriptionId = subscription,
        HubSpotAccountId = account,
        ObjectType = objectType,
        Changes = changes,
    };

    // A paused connection goes on one day, and what it was told is not told again. A disconnected one has no more to do with the account, and a
    // static token is none of the app that webhooks are of.
    private async Task<ILookup<long, Guid>> SubscriptionsAsync(List<HubSpotEvent> events, CancellationToken cancellation)
    {
        var accounts = events.Select(e => (long?)e.HubSpotAccountId).Distinct().ToList();
        var found = await db.Connections.AsNoTracking()
            .Where(c => accounts.Contains(c.HubSpotAccountId) && c.State != ConnectionState.Disconnected && !c.IsStatic)
            .Select(c => new { c.SubscriptionId, c.HubSpotAccountId })
            .ToListAsync(cancellation);
        return found.ToLookup(c => c.HubSpotAccountId!.Value, c => c.SubscriptionId);
    }

    private async Task<HashSet<string>> SeenAsync(List<HubSpotEvent> events, CancellationToken cancellation)
    {
        var keys = events.Select(e => e.Key).ToList();
        return await db.SeenHubSpotEvents.Where(s => keys.Contains(s.Key)).Select(s => s.Key).ToHashSetAsync(cancellation);
    }

    private void Leave(IEnumerable<HubSpotEvent> events)
    {
        foreach (var about in events.GroupBy(e => e.HubSpotAccountId))
        {
            if (meter.OfStranger(about.Key, about.Count()))
                NobodysAccount(log, about.Key);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "HubSpot tells of changes in account {HubSpotAccountId}, to which no subscription is connected; they are left out. This is said once")]
    private static partial void NobodysAccount(ILogger log, long hubSpotAccountId);
}
