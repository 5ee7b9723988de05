using System.Threading.Channels;
using MassTransit;
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

/// <summary>Hands due outbox rows to the transport, whenever a commit wakes it or a row falls due.</summary>
internal sealed partial class OutboxDelivery(
    IHandover handover, IBusControl bus, OutboxSignal signal, TimeProvider time, ILogger<OutboxDelivery> log) : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await bus.WaitForHealthStatus(BusHealthStatus.Healthy, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await handover.HandOverDueAsync(stoppingToken))
                    await signal.WaitAsync(Poll, time, stoppingToken);
            }
            catch (Exception failure) when (StoreFailures.IsPassing(failure) || StoreFailures.IsConflict(failure) || failure is TransportException)
            {
                NotHandedOver(log, failure);
                await Task.Delay(Poll, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Messages of the outbox could not be handed over; they stay and are tried again at once")]
    private static partial void NotHandedOver(ILogger log, Exception failure);
}
