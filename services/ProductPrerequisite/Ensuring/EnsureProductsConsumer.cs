using HubSpotBus.Contracts.Products;
using HubSpotBus.Contracts.Records;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Errors;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.ProductPrerequisite.Pushing;
using MassTransit;

namespace HubSpotBus.ProductPrerequisite.Ensuring;

/// <summary>Makes sure that HubSpot has a product for each SKU that a batch of transactions sells. No call when all are linked.</summary>
public sealed class EnsureProductsConsumer(ProductsBySku products, ProductWriter writer, TimeProvider time, ILogger<EnsureProductsConsumer> log)
    : IConsumer<EnsureProducts>
{
    public async Task Consume(ConsumeContext<EnsureProducts> context)
    {
        var order = context.Message;
        using var lines = log.BeginScope(new Dictionary<string, object> { ["SubscriptionId"] = order.SubscriptionId, ["BatchId"] = order.BatchId });
        try
        {
            using var calls = CallScope.OfStep(order.Attempt, order.Backfill, order.NotAfter, time);
            var (found, missing) = await EnsureAsync(order, context.MessageId!.Value, context.CancellationToken);
            await context.Publish(new ProductsEnsured
            {
                BatchId = order.BatchId,
                SubscriptionId = order.SubscriptionId,
                Attempt = order.Attempt,
                Products = found,
                Missing = missing,
            });
        }
        catch (HubSpotException failure) when (failure.MayBeTriedAgain)
        {
            await context.Publish(new ProductsNotEnsured
            {
                BatchId = order.BatchId,
                SubscriptionId = order.SubscriptionId,
                Attempt = order.Attempt,
                Reason = failure.Message,
                RetryAfter = failure.RetryAfter,
            });
        }
    }

    private async Task<(Dictionary<string, string> Found, List<MissingProduct> Missing)> EnsureAsync(EnsureProducts order, Guid owner, CancellationToken cancellationToken)
    {
        // What is to be verified is looked for again, wherever our links lead.
        var found = order.Verify ? [] : await products.LinkedAsync(order.SubscriptionId, order.Skus, cancellationToken);
        var refused = new Dictionary<string, Problem>();
        if (order.CreateMissing)
        {
            var scope = new LinkScope(order.SubscriptionId, order.Links, owner);
            var wanted = Wanted(order, found);
            var outcomes = (await writer.WriteAsync(scope, wanted, order.Verify ? WriteMode.Verify : WriteMode.EnsureExists, cancellationToken))
                .ToDictionary(o => o.HubId);
            foreach (var product in wanted)
            {
                if (outcomes[product.Id].HubSpotId is { } id)
                    found[product.Sku] = id;
                else if (outcomes[product.Id].Problem is { } problem)
                    refused[product.Sku] = problem.ToProblem();
            }
        }

        var unknown = order.Skus.Where(sku => !found.ContainsKey(sku) && !refused.ContainsKey(sku)).ToList();
        foreach (var (sku, id) in await products.InHubSpotAsync(order.SubscriptionId, unknown, cancellationToken))
            found[sku] = id;

        var missing = order.Skus.Where(sku => !found.ContainsKey(sku))
            .Select(sku => new MissingProduct { Sku = sku, Problem = refused.GetValueOrDefault(sku) ?? WhyMissing(sku, order.CreateMissing) });
        return (found, [.. missing]);
    }

    /// <summary>The products behind the SKUs that have no link yet, each variant with its parent.</summary>
    private static List<Contracts.Mappings.MappedProduct> Wanted(EnsureProducts order, Dictionary<string, string> found)
    {
        var sold = order.Products.Where(p => order.Skus.Contains(p.Sku) && !found.ContainsKey(p.Sku)).ToList();
        var parents = sold.Select(p => p.ParentId).OfType<string>().ToHashSet();
        return [.. order.Products.Where(p => parents.Contains(p.Id) || sold.Contains(p))];
    }

    private static Problem WhyMissing(string sku, bool createMissing) => new()
    {
        Message = createMissing
            ? $"SKU {sku} has no product in HubSpot, and the hub has no product or variant with this SKU. Send the product to the hub, then retry."
            : $"SKU {sku} has no product in HubSpot, and products are not transferred as a prerequisite. "
                + "Create the product in HubSpot, transfer the products, or switch the setting on, then retry.",
        Field = "sku",
        Value = sku,
    };
}
