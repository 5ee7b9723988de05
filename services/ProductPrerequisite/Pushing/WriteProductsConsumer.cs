using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Products;
using HubSpotBus.Contracts.Records;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Errors;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.ServiceDefaults;
using MassTransit;

namespace HubSpotBus.ProductPrerequisite.Pushing;

/// <summary>Writes the products of a batch execution. When HubSpot is out of reach it sends itself the same order, due later.</summary>
public sealed class WriteProductsConsumer(ProductWriter writer, TimeProvider time, ILogger<WriteProductsConsumer> log) : IConsumer<WriteProducts>
{
    private const int MaxAttempts = 4;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(2);

    public async Task Consume(ConsumeContext<WriteProducts> context)
    {
        var order = context.Message;
        using var lines = log.BeginScope(new Dictionary<string, object> { ["SubscriptionId"] = order.SubscriptionId, ["BatchId"] = order.BatchId });
        try
        {
            using var calls = CallScope.OfStep(order.Attempt, order.Backfill, order.NotAfter, time);
            var scope = new LinkScope(order.SubscriptionId, order.Links, context.MessageId!.Value);
            var outcomes = await writer.WriteAsync(scope, order.Products, WriteMode.Write, context.CancellationToken);
            await EndAsync(context, ProductOutcomes.Of(order, outcomes));
        }
        catch (HubSpotException failure) when (failure.MayBeTriedAgain && MayTryAgain(order, failure))
        {
            var again = order with { Attempt = order.Attempt + 1 };
            await context.SendOrder(again, MessageIds.For(order.BatchId, "write", again.Attempt), Pause(order, failure));
        }
        catch (HubSpotException failure) when (failure.MayBeTriedAgain)
        {
            await EndAsync(context, ProductOutcomes.Postponed(order, failure.Message));
        }
    }

    private bool MayTryAgain(WriteProducts order, HubSpotException failure) =>
        order.Attempt < MaxAttempts && !(time.GetUtcNow() + Pause(order, failure) > order.NotAfter);

    private static TimeSpan Pause(WriteProducts order, HubSpotException failure) => failure.RetryAfter ?? FirstDelay * Math.Pow(2, order.Attempt - 1);

    private static Task EndAsync(ConsumeContext<WriteProducts> context, IReadOnlyList<TransferOutcome> outcomes) => context.Publish(
        new ProductsTransferred { BatchId = context.Message.BatchId, SubscriptionId = context.Message.SubscriptionId, Outcomes = outcomes },
        publish => publish.MessageId = MessageIds.For(context.Message.BatchId, "transferred"));
}

/// <summary>One outcome for each product of the hub; what became of a variant belongs to its product. Pure.</summary>
internal static class ProductOutcomes
{
    public static IReadOnlyList<TransferOutcome> Of(WriteProducts order, IReadOnlyList<LinkedOutcome> outcomes)
    {
        var byId = outcomes.ToDictionary(o => o.HubId);
        var refused = order.Rejected.ToLookup(r => r.Id, r => r.Problems);
        var products = order.Products.GroupBy(p => p.ParentId ?? p.Id).Select(product =>
        {
            var own = product.Select(p => byId[p.Id]).ToList();
            List<Problem> problems = [.. own.Where(o => o.Problem is not null).Select(o => o.Problem!.ToProblem()).Distinct(), .. refused[product.Key].SelectMany(p => p)];
            return new TransferOutcome
            {
                DataType = DataType.Product,
                Id = product.Key,
                Result = problems.Exists(p => !p.Passing) ? TransferResult.Parked
                    : problems.Count > 0 ? TransferResult.Postponed
                    : own.TrueForAll(o => o.Result == LinkedResult.Unchanged) ? TransferResult.Unchanged : TransferResult.Transferred,
                HubSpotId = byId.GetValueOrDefault(product.Key)?.HubSpotId,
                Problems = problems,
            };
        }).ToList();
        return [.. products, .. Rejected(order, products)];
    }

    public static IReadOnlyList<TransferOutcome> Postponed(WriteProducts order, string reason)
    {
        var products = order.Products.Select(p => p.ParentId ?? p.Id).Distinct().Select(id => new TransferOutcome
        {
            DataType = DataType.Product,
            Id = id,
            Result = TransferResult.Postponed,
            Problems = [new Problem { Message = reason }],
        }).ToList();
        return [.. products, .. Rejected(order, products)];
    }

    private static IEnumerable<TransferOutcome> Rejected(WriteProducts order, List<TransferOutcome> others) =>
        order.Rejected.Where(r => !others.Exists(o => o.Id == r.Id)).Select(r => new TransferOutcome
        {
            DataType = DataType.Product,
            Id = r.Id,
            Result = TransferResult.Parked,
            Problems = r.Problems,
        });
}
