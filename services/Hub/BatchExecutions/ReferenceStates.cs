using HubSpotBus.Contracts.Records;
using HubSpotBus.Hub.Records;
using HubSpotBus.Hub.Subscriptions;
using HubSpotBus.Hub.Transfers;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>How all that a number of pending transfers refer to stands.</summary>
internal sealed class ReferenceStates
{
    private readonly Dictionary<string, ReferenceState> _states = [];

    public ReferenceState Of(string reference) => _states[reference];

    public static async Task<ReferenceStates> LoadAsync(
        HubDb db, Subscription subscription, IEnumerable<string> references, CancellationToken cancellationToken)
    {
        var states = new ReferenceStates();
        var all = references.ToList();
        var skus = all.Where(r => r.StartsWith(References.SkuPrefix, StringComparison.Ordinal)).Select(r => r[References.SkuPrefix.Length..]).ToList();
        var productOf = await db.Skus.Where(s => s.CompanyId == subscription.CompanyId && skus.Contains(s.Value))
            .ToDictionaryAsync(s => s.Value, s => s.ProductId, cancellationToken);
        var products = await OfTypeAsync(db, subscription, DataType.Product, [.. productOf.Values.Distinct()], cancellationToken);

        // A SKU that the hub does not know may be in HubSpot: that is for ProductPrerequisite to find out.
        foreach (var sku in skus)
            states._states[References.SkuPrefix + sku] = productOf.TryGetValue(sku, out var product) ? products[product] : ReferenceState.Ready;
        foreach (var dataType in new[] { DataType.Company, DataType.Customer })
        {
            var prefix = References.To(dataType, "");
            var ids = all.Where(r => r.StartsWith(prefix, StringComparison.Ordinal)).Select(r => r[prefix.Length..]).ToList();
            foreach (var (id, state) in await OfTypeAsync(db, subscription, dataType, ids, cancellationToken))
                states._states[prefix + id] = state;
        }

        return states;
    }

    private static async Task<Dictionary<string, ReferenceState>> OfTypeAsync(
        HubDb db, Subscription subscription, DataType dataType, List<string> ids, CancellationToken cancellationToken)
    {
        var inHub = (await db.Records.Where(r => r.CompanyId == subscription.CompanyId && r.DataType == dataType && ids.Contains(r.RecordId))
            .Select(r => r.RecordId).ToListAsync(cancellationToken)).ToHashSet();
        var transfers = subscription.Flows(dataType)
            ? await db.Transfers.Where(t => t.SubscriptionId == subscription.Id && t.DataType == dataType && ids.Contains(t.RecordId))
                .Select(t => new { t.RecordId, t.State, t.DoneVersion }).ToDictionaryAsync(t => t.RecordId, cancellationToken)
            : [];
        return ids.ToDictionary(id => id, id =>
            !inHub.Contains(id) ? ReferenceState.Missing
            : !transfers.TryGetValue(id, out var transfer) || transfer.DoneVersion > 0 ? ReferenceState.Ready
            : transfer.State == TransferState.Parked ? ReferenceState.Parked
            : ReferenceState.Waiting);
    }
}
