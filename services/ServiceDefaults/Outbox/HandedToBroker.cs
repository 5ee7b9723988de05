using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HubSpotBus.ServiceDefaults.Outbox;

/// <summary>
/// RabbitMQ keeps what it has confirmed: only then is the row deleted. The rows are locked meanwhile, so that the loops of all replicas
/// share the work; a loop that dies lets go of them, and another sends them again under the same MessageId. What is not taken is due again a moment
/// later, behind all that came meanwhile: it keeps nothing else back.
/// </summary>
internal sealed partial class HandedToBroker(IServiceScopeFactory scopes, IBus bus, TimeProvider time, ILogger<HandedToBroker> log) : IHandover
{
    // A broker that is away does not refuse; it does not answer. The rows must not stay locked for that long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PassedOver = TimeSpan.FromSeconds(1);

    public async Task<bool> HandOverDueAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BusDb>();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var due = await db.OutboxMessages.FromSql(
            $"""
            SELECT * FROM bus_outbox WHERE "DueAt" <= {now} ORDER BY "DueAt", "Sequence" LIMIT {Handover.Page} FOR UPDATE SKIP LOCKED
            """).AsNoTracking().ToListAsync(cancellationToken);
        if (due.Count == 0)
            return false;

        // Side by side: the broker confirms many at once as quickly as one.
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var confirmed = await Task.WhenAll(due.Select(message => TrySendAsync(message, either.Token)));
        cancellationToken.ThrowIfCancellationRequested();
        var sent = due.Where((_, i) => confirmed[i]).Select(m => m.Sequence).ToArray();
        await db.OutboxMessages.Where(m => sent.Contains(m.Sequence)).ExecuteDeleteAsync(cancellationToken);
        if (sent.Length < due.Count)
        {
            var notTaken = due.Where((_, i) => !confirmed[i]).Select(m => m.Sequence).ToArray();
            await db.OutboxMessages.Where(m => notTaken.Contains(m.Sequence))
                .ExecuteUpdateAsync(set => set.SetProperty(m => m.DueAt, time.GetUtcNow() + PassedOver), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return due.Count == Handover.Page;
    }

    private async Task<bool> TrySendAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await bus.SendAsync(Address.To(message.Queue), message, cancellationToken);
            return true;
        }
        catch (Exception refused)
        {
            // Whatever it was, nobody has confirmed the message: its row stays.
            NotTaken(log, refused, message.MessageType, message.MessageId, message.Queue);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{MessageType} {MessageId} was not taken for {Queue}; it is sent again")]
    private static partial void NotTaken(ILogger log, Exception refused, string messageType, Guid messageId, string queue);
}
