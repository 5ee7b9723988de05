using MassTransit;
using MassTransit.Transports;

namespace HubSpotBus.ServiceDefaults.Outbox;

/// <summary>
/// The outbox for HTTP handlers and background work: adds messages to the store, and the store's next SaveChanges commits them
/// together with the change that they tell of. Consumers and sagas need none of this: what they send is captured.
/// </summary>
public sealed class Outbox<TDb>(TDb db, IBus bus, IDestinations destinations, OutboxSignal signal, TimeProvider time)
    where TDb : ServiceDb
{
    /// <summary>Adds an order for the endpoint that takes it, or for the named queue.</summary>
    public async Task SendAsync<T>(
        T order, Guid? messageId = null, TimeSpan? delay = null, string? queue = null, CancellationToken cancellationToken = default)
        where T : class
    {
        var address = queue is null ? Address.Of<T>() : Address.To(queue);
        await AddAsync(await bus.GetSendEndpoint(address), order, messageId, delay, cancellationToken);
    }

    /// <summary>Adds a fact for every endpoint that subscribes to it.</summary>
    public async Task PublishAsync<T>(T fact, Guid? messageId = null, CancellationToken cancellationToken = default)
        where T : class => await AddAsync(await bus.GetPublishSendEndpoint<T>(), fact, messageId, null, cancellationToken);

    private async Task AddAsync<T>(ISendEndpoint endpoint, T message, Guid? messageId, TimeSpan? delay, CancellationToken cancellationToken)
        where T : class
    {
        var pipe = Pipe.Execute<SendContext<T>>(context =>
        {
            context.MessageId = messageId ?? NewId.NextGuid();
            context.Delay = delay;
        });
        var context = await ((ITransportSendEndpoint)endpoint).CreateSendContext(message, pipe, cancellationToken);
        await db.AddOutboxRowsAsync(context, destinations, time.GetUtcNow(), cancellationToken);
        db.SavedChanges += WakeDelivery;
    }

    private void WakeDelivery(object? sender, EventArgs e)
    {
        db.SavedChanges -= WakeDelivery;
        signal.Set();
    }
}
