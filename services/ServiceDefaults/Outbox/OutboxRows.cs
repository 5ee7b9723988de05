using System.Diagnostics;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.ServiceDefaults.Outbox;

internal static class OutboxRows
{
    /// <summary>Adds what is sent as rows, one for each endpoint it goes to; a row that is waiting already is not added again.</summary>
    public static async Task AddOutboxRowsAsync<T>(
        this ServiceDb db, SendContext<T> context, IDestinations destinations, DateTimeOffset now, CancellationToken cancellationToken)
        where T : class
    {
        context.MessageId ??= NewId.NextGuid();
        var messageId = context.MessageId.Value;
        var due = now + (context.Delay ?? TimeSpan.Zero);
        context.Delay = null;
        var envelope = context.Serializer.GetMessageBody(context).GetString();
        foreach (var queue in destinations.Of(context))
        {
            if (db.OutboxMessages.Local.Any(m => m.MessageId == messageId && m.Queue == queue)
                || await db.OutboxMessages.AnyAsync(m => m.MessageId == messageId && m.Queue == queue, cancellationToken))
                continue;
            db.OutboxMessages.Add(new OutboxMessage
            {
                MessageId = messageId,
                Queue = queue,
                MessageType = typeof(T).Name,
                Envelope = envelope,
                TraceParent = Activity.Current?.Id,
                DueAt = due,
            });
        }
    }

    public static Task DropOutboxRowAsync(this ServiceDb db, Guid messageId, string queue, CancellationToken cancellationToken) =>
        db.OutboxMessages.Where(m => m.MessageId == messageId && m.Queue == queue).ExecuteDeleteAsync(cancellationToken);
}
