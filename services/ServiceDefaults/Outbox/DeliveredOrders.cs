namespace HubSpotBus.ServiceDefaults.Outbox;

/// <summary>For an endpoint without inbox and outbox: says that an order has been carried out, so that it is not handed over again.</summary>
public sealed class DeliveredOrders(BusDb db)
{
    public Task ConfirmAsync(Guid messageId, string queue, CancellationToken cancellationToken) =>
        db.DropOutboxRowAsync(messageId, queue, cancellationToken);
}
