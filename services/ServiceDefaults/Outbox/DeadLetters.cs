using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HubSpotBus.ServiceDefaults.Outbox;

/// <summary>Moves a message whose handler met a bug from the outbox to the dead letters, where it stays with its error.</summary>
internal sealed partial class DeadLetters(IServiceScopeFactory scopes, TimeProvider time, ILogger<DeadLetters> log) : IReceiveObserver
{
    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => BuryAsync(context.ReceiveContext, typeof(T).Name, exception);

    // What fails outside the handler, such as the look into the inbox or the commit, is told here only.
    public Task ReceiveFault(ReceiveContext context, Exception exception) => BuryAsync(context, null, exception);

    private async Task BuryAsync(ReceiveContext context, string? messageType, Exception exception)
    {
        if (exception is OperationCanceledException)
            return; // The process is stopping; its row is handed over again at the next start.
        var queue = context.InputAddress.QueueName();
        var messageId = context.GetMessageId();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BusDb>();
        var row = await db.OutboxMessages.SingleOrDefaultAsync(m => m.MessageId == messageId && m.Queue == queue);
        if (row is null)
            return; // Buried already, or it did not come through the outbox: then nobody waits for it.
        Buried(log, exception, messageType ?? row.MessageType, messageId, queue);
        db.DeadLetters.Add(new DeadLetter
        {
            MessageId = row.MessageId,
            Queue = queue,
            MessageType = messageType ?? row.MessageType,
            Envelope = row.Envelope,
            Error = exception.ToString(),
            FailedAt = time.GetUtcNow(),
        });
        db.OutboxMessages.Remove(row);
        await db.SaveChangesAsync();
    }

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Error, Message = "{MessageType} {MessageId} failed on {Queue} and lies among the dead letters")]
    private static partial void Buried(ILogger log, Exception failure, string messageType, Guid? messageId, string queue);
}
