using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Adoption;
using MassTransit;

namespace HubSpotBus.Customers.Adopting;

/// <summary>Learns which companies and contacts the account has already.</summary>
public sealed class AdoptCustomersConsumer(CustomerDb db, AdoptionStep step) : IConsumer<AdoptCustomers>
{
    public Task Consume(ConsumeContext<AdoptCustomers> context) => step.RunAsync(
        context, db, context.Message.SubscriptionId, context.Message.Attempt, context.Message.LinksSince,
        context.Message.KeysNotUnique, [ObjectTypes.Companies, ObjectTypes.Contacts], [ObjectTypes.Companies, ObjectTypes.Contacts]);
}
