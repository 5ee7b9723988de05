using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Adoption;
using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Crm;
using HubSpotBus.HubSpot.Errors;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.ProductPrerequisite.Ensuring;

/// <summary>Finds HubSpot's products by SKU: in our links, and for the rest in HubSpot, one call for a hundred.</summary>
public sealed class ProductsBySku(ProductDb db, RecordReader reader, ExistingRecords existing)
{
    private const string SkuProperty = "hs_sku";

    public async Task<Dictionary<string, string>> LinkedAsync(Guid subscriptionId, IReadOnlyList<string> skus, CancellationToken cancellationToken) =>
        await db.SkuLinks.Where(l => l.SubscriptionId == subscriptionId && skus.Contains(l.Sku))
            .ToDictionaryAsync(l => l.Sku, l => l.HubSpotId, cancellationToken);

    /// <summary>Asks HubSpot, and remembers what it has.</summary>
    public async Task<Dictionary<string, string>> InHubSpotAsync(Guid subscriptionId, IReadOnlyList<string> skus, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>();
        if (skus.Count == 0)
            return found;
        foreach (var product in await AskAsync(subscriptionId, skus, cancellationToken))
        {
            var sku = skus.FirstOrDefault(s => string.Equals(s, product.Properties?.GetValueOrDefault(SkuProperty), StringComparison.OrdinalIgnoreCase));
            if (sku is not null && product.Id is { } id)
                found.TryAdd(sku, id);
        }

        var known = await db.SkuLinks.Where(l => l.SubscriptionId == subscriptionId && skus.Contains(l.Sku)).ToDictionaryAsync(l => l.Sku, cancellationToken);
        db.SkuLinks.RemoveRange(known.Values.Where(l => !found.ContainsKey(l.Sku))); // its product is gone
        foreach (var (sku, id) in found)
        {
            if (known.TryGetValue(sku, out var link))
                link.HubSpotId = id;
            else
                db.SkuLinks.Add(new SkuLink { SubscriptionId = subscriptionId, Sku = sku, HubSpotId = id });
        }

        return found;
    }

    private async Task<IReadOnlyList<CrmRecord>> AskAsync(Guid subscriptionId, IReadOnlyList<string> skus, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(subscriptionId, ObjectTypes.Products, SkuProperty, skus, [SkuProperty], cancellationToken);
        }
        catch (HubSpotRejectedException refused) when (refused.Problem.Property == SkuProperty)
        {
            // The account does not take the SKU for a key. A search shows only after a while what somebody made; a listing does at once.
            var listed = await ListedAsync(subscriptionId, skus, cancellationToken);
            var unknown = skus.Except(listed.Select(p => p.Properties?.GetValueOrDefault(SkuProperty)), StringComparer.OrdinalIgnoreCase).OfType<string>().ToList();
            return [.. listed, .. await reader.SearchAsync(subscriptionId, ObjectTypes.Products, SkuProperty, unknown, cancellationToken)];
        }
    }

    private async Task<IReadOnlyList<CrmRecord>> ListedAsync(Guid subscriptionId, IReadOnlyList<string> skus, CancellationToken cancellationToken)
    {
        await existing.ListAsync(db, subscriptionId, ObjectTypes.Products, DateTimeOffset.MaxValue, cancellationToken);
        var values = skus.SelectMany(sku => Recognition.Wanted(ObjectTypes.Products, new Dictionary<string, string?> { [SkuProperty] = sku }, [])).ToList();
        var ids = await db.Set<KnownRecord>()
            .Where(k => k.SubscriptionId == subscriptionId && k.ObjectType == ObjectTypes.Products && values.Contains(k.Value))
            .Select(k => k.HubSpotId).Distinct().ToListAsync(cancellationToken);

        // Its SKU may be another one by now, or written a little differently.
        return [.. (await reader.ReadAsync(subscriptionId, ObjectTypes.Products, null, ids, [SkuProperty], cancellationToken))
            .Where(p => skus.Contains(p.Properties?.GetValueOrDefault(SkuProperty), StringComparer.OrdinalIgnoreCase))];
    }
}
