using MassTransit;
using MassTransit.Configuration;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.ServiceDefaults.Outbox;

/// <summary>Names the store that an endpoint's inbox and outbox live in.</summary>
public sealed class Durable<TDb>
    where TDb : ServiceDb;

/// <summary>
/// Runs a handler inside inbox and outbox: what it changed, what it sent and that it consumed the message are one commit.
/// No transaction is open while it runs; the store's change tracker is the unit of work.
/// </summary>
internal sealed class DurableContextFactory<TDb>(
    TDb db, IDestinations destinations, OutboxSignal signal, TimeProvider time, IServiceProvider provider) : IOutboxContextFactory<Durable<TDb>>
    where TDb : ServiceDb
{
    public async Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next)
        where T : class
    {
        var messageId = context.MessageId
            ?? throw new MessageException(typeof(T), "A message without MessageId cannot be consumed once. Send it through the outbox.");
        var queue = context.ReceiveContext.InputAddress.QueueName();
        if (await db.InboxMessages.AnyAsync(m => m.MessageId == messageId && m.Queue == queue, context.CancellationToken))
        {
            await db.DropOutboxRowAsync(messageId, queue, context.CancellationToken);

            // Said here, as no consumer will: a message that nobody took goes to the skipped ones.
            await context.NotifyConsumed(context, TimeSpan.Zero, "inbox");
            return;
        }

        await next.Send(new DurableConsumeContext<T>(context, options, provider, db, destinations, time, messageId, queue));
        await db.SaveChangesAsync(context.CancellationToken);
        signal.Set();
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("durable");
}

internal sealed class DurableConsumeContext<T>(
    ConsumeContext<T> context, OutboxConsumeOptions options, IServiceProvider provider,
    ServiceDb db, IDestinations destinations, TimeProvider time, Guid messageId, string queue)
    : OutboxConsumeContextProxy<T>(context, options, provider)
    where T : class
{
    public override bool ContinueProcessing { get; set; } = true;

    public override bool IsMessageConsumed => false;

    public override bool IsOutboxDelivered => false;

    public override int ReceiveCount => 0;

    public override long? LastSequenceNumber => null;

    public override async Task SetConsumed()
    {
        db.InboxMessages.Add(new InboxMessage { MessageId = messageId, Queue = queue, ConsumedAt = time.GetUtcNow() });
        var row = await db.OutboxMessages.SingleOrDefaultAsync(m => m.MessageId == messageId && m.Queue == queue, CancellationToken);
        if (row is not null)
            db.OutboxMessages.Remove(row);
    }

    public override Task AddSend<TMessage>(SendContext<TMessage> context) =>
        db.AddOutboxRowsAsync(context, destinations, time.GetUtcNow(), CancellationToken);

    // Delivery is the outbox loop's work alone; core never asks for it here.
    public override Task<List<OutboxMessageContext>> LoadOutboxMessages() => Task.FromResult(new List<OutboxMessageContext>());

    public override Task NotifyOutboxMessageDelivered(OutboxMessageContext message) => Task.CompletedTask;

    public override Task SetDelivered() => Task.CompletedTask;

    public override Task RemoveOutboxMessages() => Task.CompletedTask;
}

public static class DurableEndpoint
{
    // Fifty minutes: the broker takes a message back after an hour, and gives it to the next.
    private static readonly (int Attempts, TimeSpan Pause) Outage = (3000, TimeSpan.FromSeconds(1));

    /// <summary>Puts inbox and outbox around every handler of the endpoint, inside a retry that is for database conflicts only.</summary>
    public static void UseDurable<TDb>(this IReceiveEndpointConfigurator endpoint, IRegistrationContext context, int concurrency)
        where TDb : ServiceDb
    {
        endpoint.ConcurrentMessageLimit = concurrency;
        endpoint.PrefetchCount = concurrency;

        // Outside the outbox, so that each attempt has a fresh store. A database that is away costs time, never a message.
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(StoreFailures.IsPassing);
            retry.Interval(Outage.Attempts, Outage.Pause);
        });

        // A conflict means that somebody else was quicker.
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(StoreFailures.IsConflict);
            retry.Incremental(10, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(50));
        });
        var durable = new OutboxConsumePipeSpecificationObserver<Durable<TDb>>(endpoint, context);
        endpoint.ConnectConsumerConfigurationObserver(durable);
        endpoint.ConnectSagaConfigurationObserver(durable);
    }
}
