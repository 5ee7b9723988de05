using HubSpotBus.Contracts.Connections;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Errors;
using HubSpotBus.Mappings.Collections;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Mappings.Schema;

/// <summary>
/// Sees that the account has our key properties and learns its properties and pipelines. One list per object type, one create where
/// the key property is missing, one read of pipelines: 11 calls for a new account with orders, 6 when connecting again;
/// with deals 5 more, once, for our own properties of deals.
/// </summary>
public sealed partial class PreparePropertiesConsumer(
    MappingDb db, AccountSchema account, OwnProperties own, TimeProvider time, ILogger<PreparePropertiesConsumer> log)
    : IConsumer<PrepareProperties>
{
    // HubSpot was seen to take 250 to 700 ms until a new property can be written.
    private static readonly TimeSpan Appearing = TimeSpan.FromSeconds(1);

    public async Task Consume(ConsumeContext<PrepareProperties> context)
    {
        var order = context.Message;
        var subscription = await db.SubscriptionAsync(order.SubscriptionId, context.CancellationToken);
        if (subscription.Revision == 0)
        {
            await FailAsync(
                context, "The subscription's settings have not arrived yet. Save the subscription again if this stays.", transient: true);
            return;
        }

        var step = "";
        var notUnique = new List<string>();
        var anyIsNew = false;
        try
        {
            foreach (var objectType in TypesOf(subscription.TransactionsBecome))
            {
                step = objectType;
                var (keyIsUnique, isNew, objection) = await PrepareAsync(subscription, objectType, context.CancellationToken);
                anyIsNew |= isNew;
                if (objection is not null)
                {
                    await FailAsync(context, objection, transient: false);
                    return;
                }

                if (!keyIsUnique)
                    notUnique.Add(objectType);
            }
        }
        catch (HubSpotException failure)
        {
            var transient = failure.PassesByItself;
            var otherwise = step == ObjectTypes.Orders && !transient ? " If the account is to have no orders, let transactions become Deal in the subscription's settings." : "";
            await FailAsync(context, $"HubSpot's {step} could not be prepared. {failure.Message.TrimEnd('.')}.{otherwise}", transient);
            return;
        }

        if (anyIsNew)
            await Task.Delay(Appearing, time, context.CancellationToken);
        subscription.Stamp++;
        LogPrepared(log, order.SubscriptionId, order.HubKey);
        await context.Publish(new PropertiesPrepared
        {
            SubscriptionId = order.SubscriptionId,
            Attempt = order.Attempt,
            ObjectTypes = TypesOf(subscription.TransactionsBecome),
            KeysNotUnique = notUnique,
        }, context.CancellationToken);
    }

    private static IReadOnlyList<string> TypesOf(TransactionTarget target) =>
    [
        ObjectTypes.Companies,
        ObjectTypes.Contacts,
        ObjectTypes.Products,
        target == TransactionTarget.Deal ? ObjectTypes.Deals : ObjectTypes.Orders,
        ObjectTypes.LineItems,
    ];

    private async Task<(bool KeyIsUnique, bool IsNew, string? Objection)> PrepareAsync(Subscription subscription, string objectType, CancellationToken cancellationToken)
    {
        var subscriptionId = subscription.SubscriptionId;
        var properties = await account.PropertiesAsync(subscriptionId, objectType, cancellationToken);
        if (SchemaReading.Objection(objectType, properties) is { } objection)
            return (false, false, objection);
        var isNew = properties.All(p => p.Name != KeyProperties.Of(objectType));
        var keyIsUnique = await account.EnsureKeyPropertyAsync(subscriptionId, objectType, properties, cancellationToken);
        if (objectType == ObjectTypes.Deals)
            properties = await own.EnsureOnDealsAsync(subscriptionId, properties, cancellationToken);

        var pipelines = objectType is ObjectTypes.Orders or ObjectTypes.Deals
            ? await account.PipelinesAsync(subscriptionId, objectType, cancellationToken)
            : [];
        var wanted = await WantedAsync(subscriptionId, objectType, cancellationToken);
        await StoreAsync(subscriptionId, SchemaReading.Read(objectType, properties, pipelines, wanted, subscription.CategoryLabelOf(objectType)), cancellationToken);
        return (keyIsUnique, isNew, null);
    }

    // An account has hundreds of properties with thousands of options; kept are those that a rule fills, and the category's.
    private async Task<HashSet<string>> WantedAsync(Guid subscriptionId, string objectType, CancellationToken cancellationToken)
    {
        var stored = await db.Collections.AsNoTracking().Where(c => c.SubscriptionId == subscriptionId).Select(c => c.Json)
            .ToListAsync(cancellationToken);
        var own = stored.Select(MappingCollection.FromJson).Where(c => c.ObjectType == objectType).SelectMany(c => c.Rules)
            .Select(r => r.Property);
        return [.. DefaultCollections.PropertiesOf(objectType), .. own];
    }

    private async Task StoreAsync(Guid subscriptionId, ObjectSchema schema, CancellationToken cancellationToken)
    {
        var row = await db.Schemas.SingleOrDefaultAsync(
            s => s.SubscriptionId == subscriptionId && s.ObjectType == schema.ObjectType, cancellationToken);
        if (row is null)
            db.Schemas.Add(new StoredSchema { SubscriptionId = subscriptionId, ObjectType = schema.ObjectType, Json = schema.ToJson() });
        else
            row.Json = schema.ToJson();
    }

    private static Task FailAsync(ConsumeContext<PrepareProperties> context, string reason, bool transient) =>
        context.Publish(new ConnectingStepFailed
    {
        SubscriptionId = context.Message.SubscriptionId,
        Attempt = context.Message.Attempt,
        Step = "properties",
        Reason = reason,
        Transient = transient,
    }, context.CancellationToken);

    [LoggerMessage(
        LogLevel.Information,
        "Subscription {SubscriptionId} of hub {HubKey}: HubSpot has our key properties; its properties and pipelines are known")]
    private static partial void LogPrepared(ILogger logger, Guid subscriptionId, string hubKey);
}
