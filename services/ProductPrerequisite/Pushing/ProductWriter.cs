using HubSpotBus.Contracts.Mappings;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Links;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.ProductPrerequisite.Pushing;

/// <summary>Writes products, then their variants, and remembers which SKU became which HubSpot product.</summary>
public sealed partial class ProductWriter(ProductDb db, LinkedWriter writer, ILogger<ProductWriter> log)
{
    /// <summary>One outcome for each product and variant. A variant whose parent was refused is refused with it.</summary>
    public async Task<IReadOnlyList<LinkedOutcome>> WriteAsync(
        LinkScope scope, IReadOnlyList<MappedProduct> products, WriteMode mode, CancellationToken cancellationToken)
    {
        var parents = products.Where(p => p.ParentId is null).ToList();
        var parentOutcomes = await WriteLevelAsync(scope, parents, mode, cancellationToken);
        var refused = parentOutcomes.Where(o => o.Problem is not null).ToDictionary(o => o.HubId, o => o.Problem!);
        var variants = products.Where(p => p.ParentId is not null && !refused.ContainsKey(p.ParentId)).ToList();
        var variantOutcomes = await WriteLevelAsync(scope, variants, mode, cancellationToken);
        var orphans = products.Where(p => p.ParentId is not null && refused.ContainsKey(p.ParentId))
            .Select(p => new LinkedOutcome(p.Id, null, LinkedResult.Rejected, refused[p.ParentId!]));
        return [.. parentOutcomes, .. variantOutcomes, .. orphans];
    }

    private async Task<IReadOnlyList<LinkedOutcome>> WriteLevelAsync(
        LinkScope scope, List<MappedProduct> products, WriteMode mode, CancellationToken cancellationToken)
    {
        var outcomes = await writer.WriteAsync(db, scope, ObjectTypes.Products,
            [.. products.Select(p => new LinkedRecord(p.Id, p.Version, p.Properties, []))], mode, cancellationToken);
        var skus = products.Select(p => p.Sku).ToList();
        var known = await db.SkuLinks.Where(l => l.SubscriptionId == scope.SubscriptionId && skus.Contains(l.Sku)).ToDictionaryAsync(l => l.Sku, cancellationToken);
        foreach (var (product, outcome) in products.Zip(outcomes))
        {
            Written(log, product.Id, product.Sku, outcome.Result, outcome.HubSpotId, product.TrackingId);
            if (outcome.HubSpotId is not { } id)
                continue;
            if (known.TryGetValue(product.Sku, out var link))
                link.HubSpotId = id;
            else
                known[product.Sku] = db.SkuLinks.Add(new SkuLink { SubscriptionId = scope.SubscriptionId, Sku = product.Sku, HubSpotId = id }).Entity;
        }

        return outcomes;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Product {RecordId}, SKU {Sku}: {Result}, {HubSpotId} in HubSpot, tracking id {TrackingId}")]
    private static partial void Written(ILogger log, string recordId, string sku, LinkedResult result, string? hubSpotId, string trackingId);
}
