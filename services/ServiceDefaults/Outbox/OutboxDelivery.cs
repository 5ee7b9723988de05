using System.Diagnostics;
using System.Net.Mime;
using System.Threading.Channels;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HubSpotBus.ServiceDefaults.Outbox;

/// <summary>Wakes the delivery loop after a commit.</summary>
public sealed class OutboxSignal
{
    private readonly Channel<byte> _wakeUps = Channel.CreateBounded<byte>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _wakeUps.Writer.TryWrite(0);

    /// <summary>Returns after a wake-up, or when <paramref name="atMost"/> has passed.</summary>
    internal async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _wakeUps.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nobody woke us: look for what has become due.
        }
    }
}

/// <summary>
/// Hands due outbox rows to the in-memory transport. A row stays until its consumer has committed; a row that another run of the
/// process handed over died with that run and is handed over again.
/// </summary>
internal sealed partial class OutboxDelivery(
    IServiceScopeFactory scopes, IBusControl bus, OutboxSignal signal, TimeProvider time, ILogger<OutboxDelivery> log) : BackgroundService
{
    public const string ActivitySourceName = "HubSpotBus.Outbox";
    private const int Page = 200;
    private static readonly ActivitySource Source = new(ActivitySourceName);
    private static readonly ContentType EnvelopeType = SystemTextJsonMessageSerializer.JsonContentType;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private readonly Guid _run = NewId.NextGuid();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await bus.WaitForHealthStatus(BusHealthStatus.Healthy, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await DeliverDueAsync(stoppingToken) < Page)
                    await signal.WaitAsync(Poll, time, stoppingToken);
            }
            catch (Exception failure) when (failure is DbUpdateException or Microsoft.Data.Sqlite.SqliteException)
            {
                StoreFailed(log, failure);
                await Task.Delay(Poll, time, stoppingToken);
            }
        }
    }

    private async Task<int> DeliverDueAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BusDb>();
        var now = time.GetUtcNow();
        var due = await db.OutboxMessages.AsNoTracking()
            .Where(m => m.DueAt <= now && (m.HandedOverBy == null || m.HandedOverBy != _run))
            .OrderBy(m => m.Sequence).Take(Page).ToListAsync(cancellationToken);
        if (due.Count == 0)
            return 0;

        // Marked first: should we die in between, the next run is another run and hands them over again.
        var sequences = due.Select(m => m.Sequence).ToArray();
        await db.OutboxMessages.Where(m => sequences.Contains(m.Sequence))
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.HandedOverBy, _run), cancellationToken);
        foreach (var message in due)
            await HandOverAsync(message, cancellationToken);
        return due.Count;
    }

    private async Task HandOverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        using var activity = message.TraceParent is null
            ? null
            : Source.StartActivity($"deliver {message.MessageType}", ActivityKind.Producer, message.TraceParent);
        var endpoint = await bus.GetSendEndpoint(new Uri($"queue:{message.Queue}"));
        await endpoint.Send(new SerializedMessageBody(), Pipe.Execute<SendContext>(context =>
        {
            context.MessageId = message.MessageId;
            context.Serializer = new CopyBodySerializer(EnvelopeType, new StringMessageBody(message.Envelope));
        }), cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox could not be read or marked; it is tried again at once")]
    private static partial void StoreFailed(ILogger log, Exception failure);
}
