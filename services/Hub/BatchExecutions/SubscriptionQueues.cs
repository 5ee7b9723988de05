using HubSpotBus.ServiceDefaults;
using MassTransit;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>
/// The receive endpoint of each subscription, connected on first use. Its consumer concurrency limit is the subscription's Concurrent
/// Batch Executions; a changed setting lets what runs run to its end and connects it anew.
/// </summary>
internal sealed partial class SubscriptionQueues(
    IReceiveEndpointConnector connector, IServiceScopeFactory scopes, TimeProvider time, ILogger<SubscriptionQueues> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly Dictionary<Guid, Connected> _connected = [];

    public static string NameOf(Guid subscriptionId) => $"batch-executions-{subscriptionId:N}";

    /// <summary>
    /// Sees to it that the endpoint is there, with the limit. Nothing is waited for: orders wait in the queue or the outbox. Called by the
    /// planning loop only, so never twice at once.
    /// </summary>
    public void Ensure(Guid subscriptionId, int limit)
    {
        if (!_connected.TryGetValue(subscriptionId, out var known))
            _connected[subscriptionId] = new Connected(limit, ConnectAsync(subscriptionId, limit, null));
        else if (known.Limit != limit && known.Endpoint.IsCompleted)
            _connected[subscriptionId] = new Connected(limit, ConnectAsync(subscriptionId, limit, known.Endpoint));
        else if (known.Endpoint is { IsCompleted: true, IsCompletedSuccessfully: false } failed)
        {
            NotConnected(log, failed.Exception, subscriptionId);
            _connected.Remove(subscriptionId);
        }
    }

    private async Task<HostReceiveEndpointHandle> ConnectAsync(Guid subscriptionId, int limit, Task<HostReceiveEndpointHandle>? before)
    {
        if (before is { IsCompletedSuccessfully: true })
            await (await before).StopAsync();
        var handle = connector.ConnectReceiveEndpoint(NameOf(subscriptionId), (_, endpoint) =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.ConcurrentMessageLimit = limit;
            endpoint.PrefetchCount = limit;
            endpoint.KeepMessages(singleActiveConsumer: true);
            endpoint.Consumer(() => new RunBatchExecutionConsumer(scopes));
        });
        try
        {
            await handle.Ready.WaitAsync(Patience, time);
        }
        catch (TimeoutException)
        {
            // The bus goes on trying; what does not pass by itself a person has to see to.
            NotReady(log, NameOf(subscriptionId), subscriptionId);
            await handle.Ready;
        }

        return handle;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The endpoint of subscription {SubscriptionId} was not connected; it is tried again")]
    private static partial void NotConnected(ILogger log, Exception? failure, Guid subscriptionId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Queue {Queue} of subscription {SubscriptionId} could not be connected for a minute: nothing of it is "
        + "transferred. When the broker's log says that the queue's arguments are not equivalent, somebody declared it otherwise: delete the queue, "
        + "its orders are sent again. Else look whether the broker answers and has a channel left")]
    private static partial void NotReady(ILogger log, string queue, Guid subscriptionId);

    private sealed record Connected(int Limit, Task<HostReceiveEndpointHandle> Endpoint);
}
