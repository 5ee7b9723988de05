using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpot;
using HubSpotBus.Mappings.Schema;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Mappings.Categories;

/// <summary>
/// Finds the dropdown properties that stand for the customer category, among what <see cref="PreparePropertiesConsumer"/> kept of the account:
/// it costs no call. A property that is not there is told and stops nothing: whoever renames a dropdown in HubSpot does not stop the orders.
/// </summary>
public sealed class ResolveCategoriesConsumer(MappingDb db) : IConsumer<ResolveCategories>
{
    public async Task Consume(ConsumeContext<ResolveCategories> context)
    {
        var order = context.Message;
        var subscription = await db.SubscriptionAsync(order.SubscriptionId, context.CancellationToken);
        if (!await db.Schemas.AnyAsync(s => s.SubscriptionId == order.SubscriptionId, context.CancellationToken))
        {
            await context.Publish(new ConnectingStepFailed
            {
                SubscriptionId = order.SubscriptionId,
                Attempt = order.Attempt,
                Step = "categories",
                Reason = "What properties the account has is not known here any more. Connect again.",
                Transient = false,
            }, context.CancellationToken);
            return;
        }

        var (company, noCompany) = await FindAsync(subscription, ObjectTypes.Companies, "Company Category Field Name", context.CancellationToken);
        var (contact, noContact) = await FindAsync(subscription, ObjectTypes.Contacts, "Contact Category Field Name", context.CancellationToken);
        await context.Publish(new CategoriesResolved
        {
            SubscriptionId = order.SubscriptionId,
            Attempt = order.Attempt,
            CompanyProperty = company,
            ContactProperty = contact,
            Problem = noCompany is null && noContact is null ? null : string.Join(' ', new[] { noCompany, noContact }.OfType<string>()),
        }, context.CancellationToken);
    }

    private async Task<(string? Name, string? Objection)> FindAsync(
        Subscription subscription, string objectType, string setting, CancellationToken cancellationToken)
    {
        if (subscription.CategoryLabelOf(objectType) is not { } label)
            return (null, null);
        var stored = await db.Schemas.AsNoTracking()
            .SingleAsync(s => s.SubscriptionId == subscription.SubscriptionId && s.ObjectType == objectType, cancellationToken);
        return CategoryProperty.Find(ObjectSchema.FromJson(stored.Json), label, setting);
    }
}
