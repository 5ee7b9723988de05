using System.Collections.Concurrent;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Mappings.Collections;
using HubSpotBus.Mappings.Schema;
using HubSpotBus.Mappings.Translating;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Mappings.Batches;

/// <summary>
/// The fitted mapping sets of this process. Two rows are read per batch to see whether the set at hand is still the newest: no
/// signal can be missed, and other processes' changes are seen as well.
/// </summary>
public sealed partial class MappingSets(ILogger<MappingSets> log)
{
    private readonly ConcurrentDictionary<Guid, (int Stamp, MappingSet Set)> _sets = new();

    public async Task<Translator> TranslatorAsync(MappingDb db, Guid subscriptionId, TransferSettings settings, CancellationToken cancellationToken)
    {
        // Not under the stamp: the account is identified while the rest is still being prepared.
        var currencies = await db.Accounts.Where(a => a.SubscriptionId == subscriptionId).Select(a => a.Currencies)
            .SingleOrDefaultAsync(cancellationToken) ?? [];
        var stamp = await db.Subscriptions.Where(s => s.SubscriptionId == subscriptionId).Select(s => (int?)s.Stamp)
            .SingleOrDefaultAsync(cancellationToken) ?? 0;
        if (!_sets.TryGetValue(subscriptionId, out var known) || known.Stamp != stamp || !known.Set.Currencies.SequenceEqual(currencies))
        {
            // Read after the stamp: what comes newer than it is read once more next time, never the other way round.
            known = (stamp, await ReadAsync(db, subscriptionId, settings, currencies, cancellationToken));
            _sets[subscriptionId] = known;
            if (known.Set.LeftOut.Count > 0)
                LogLeftOut(log, subscriptionId, string.Join(", ", known.Set.LeftOut));
        }

        return new Translator(known.Set);
    }

    // A subscription that was never connected here has the defaults and no schema.
    private static async Task<MappingSet> ReadAsync(
        MappingDb db, Guid subscriptionId, TransferSettings settings, List<string> currencies, CancellationToken cancellationToken)
    {
        var collections = await db.Collections.AsNoTracking().Where(c => c.SubscriptionId == subscriptionId).ToListAsync(cancellationToken);
        var schemas = await db.Schemas.AsNoTracking().Where(s => s.SubscriptionId == subscriptionId).ToListAsync(cancellationToken);
        IReadOnlyList<MappingCollection> defaults = settings.CreateDefaultMappings ? DefaultCollections.Of(settings.MappingSet) : [];
        return new MappingSet(
            collections.Count > 0 ? [.. collections.Select(c => MappingCollection.FromJson(c.Json))] : defaults,
            [.. schemas.Select(s => ObjectSchema.FromJson(s.Json))], currencies);
    }

    [LoggerMessage(
        LogLevel.Information,
        "Subscription {SubscriptionId}: the account does not have, or does not let us write, {Properties}; these stay empty")]
    private static partial void LogLeftOut(ILogger logger, Guid subscriptionId, string properties);
}
