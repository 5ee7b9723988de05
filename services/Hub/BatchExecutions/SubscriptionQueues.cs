using System.Collections.Concurrent;
using HubSpotBus.Hub.Subscriptions;
using MassTransit;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>
/// The receive endpoint of each subscription, connected on first use. Its consumer concurrency limit is the subscription's Concurrent
/// Batch Executions; a changed setting connects it anew.
/// </summary>
internal sealed class SubscriptionQueues(IReceiveEndpointConnector connector, IServiceScopeFactory scopes)
{
    private readonly ConcurrentDictionary<Guid, (int Limit, HostReceiveEndpointHandle Handle)> _connected = [];

    public static string NameOf(Guid subscriptionId) => $"batch-executions-{subscriptionId:N}";

    /// <summary>Called by the planning loop only, so never twice at once.</summary>
    public async Task EnsureAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        var limit = subscription.ConcurrentBatchExecutions;
        if (_connected.TryGetValue(subscription.Id, out var known))
        {
            if (known.Limit == limit)
                return;
            await known.Handle.StopAsync(cancellationToken);
        }

        var handle = connector.ConnectReceiveEndpoint(NameOf(subscription.Id), (_, endpoint) =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.ConcurrentMessageLimit = limit;
            endpoint.PrefetchCount = limit;
            endpoint.Consumer(() => new RunBatchExecutionConsumer(scopes));
        });
        await handle.Ready.WaitAsync(cancellationToken);
        _connected[subscription.Id] = (limit, handle);
    }
}
