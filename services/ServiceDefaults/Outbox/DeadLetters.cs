using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HubSpotBus.ServiceDefaults.Outbox;

/// <summary>Moves a message whose handler met a bug from the outbox to the dead letters, where it stays with its error.</summary>
internal sealed partial class DeadLetters(IServiceScopeFactory scopes, TimeProvider time, ILogger<DeadLetters> log) : IReceiveObserver
{
    public async Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class
    {
        if (exception is OperationCanceledException && context.CancellationToken.IsCancellationRequested)
            return; // The process is stopping; its row is handed over again at the next start.
        var queue = context.ReceiveContext.InputAddress.QueueName();
        Buried(log, exception, typeof(T).Name, context.MessageId, queue);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BusDb>();
        db.DeadLetters.Add(new DeadLetter
        {
            MessageId = context.MessageId ?? Guid.Empty,
            Queue = queue,
            MessageType = typeof(T).Name,
            Envelope = context.ReceiveContext.Body.GetString(),
            Error = exception.ToString(),
            FailedAt = time.GetUtcNow(),
        });
        if (await db.OutboxMessages.SingleOrDefaultAsync(m => m.MessageId == context.MessageId && m.Queue == queue) is { } row)
            db.OutboxMessages.Remove(row);
        await db.SaveChangesAsync();
    }

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Error, Message = "{MessageType} {MessageId} failed on {Queue} and lies among the dead letters")]
    private static partial void Buried(ILogger log, Exception failure, string messageType, Guid? messageId, string queue);
}
