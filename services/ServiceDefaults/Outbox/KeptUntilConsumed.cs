using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HubSpotBus.ServiceDefaults.Outbox;

/// <summary>
/// The in-memory transport keeps nothing: a row stays until its consumer has committed, and a row that another run of the process
/// handed over died with that run and is handed over again.
/// </summary>
internal sealed class KeptUntilConsumed(IServiceScopeFactory scopes, IBus bus, TimeProvider time) : IHandover
{
    private readonly Guid _run = NewId.NextGuid();

    public async Task<bool> HandOverDueAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BusDb>();
        var now = time.GetUtcNow();
        var due = await db.OutboxMessages.AsNoTracking()
            .Where(m => m.DueAt <= now && (m.HandedOverBy == null || m.HandedOverBy != _run))
            .OrderBy(m => m.Sequence).Take(Handover.Page).ToListAsync(cancellationToken);
        if (due.Count == 0)
            return false;

        // Marked first: should we die in between, the next run is another run and hands them over again.
        var sequences = due.Select(m => m.Sequence).ToArray();
        await db.OutboxMessages.Where(m => sequences.Contains(m.Sequence))
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.HandedOverBy, _run), cancellationToken);

        // By the queue, which keeps what comes before its endpoint is connected.
        foreach (var message in due)
            await bus.SendAsync(new Uri($"queue:{message.Queue}"), message, cancellationToken);
        return due.Count == Handover.Page;
    }
}
