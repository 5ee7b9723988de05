using HubSpotBus.Hub.BatchExecutions;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

public sealed class SubscriptionQueuesTests
{
    [Fact]
    public async Task A_queue_that_cannot_be_connected_for_a_minute_is_named_with_what_to_do()
    {
        var lines = new LogLines();
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(lines));
        await using var services = new ServiceCollection().BuildServiceProvider();
        var time = new FakeTimeProvider();
        var queues = new SubscriptionQueues(
            new Unready(), services.GetRequiredService<IServiceScopeFactory>(), time, logs.CreateLogger<SubscriptionQueues>());
        var subscription = NewId.NextGuid();

        queues.Ensure(subscription, limit: 1);
        time.Advance(TimeSpan.FromSeconds(59));
        lines.All.ShouldBeEmpty();
        time.Advance(TimeSpan.FromSeconds(1));

        await ServiceUnderTest.UntilAsync(() => Task.FromResult(lines.All.Count > 0), "it is said");
        lines.All.Single().ShouldContain(SubscriptionQueues.NameOf(subscription));
        lines.All.Single().ShouldContain("delete the queue");
    }

    /// <summary>A broker that refuses to declare the queue, again and again.</summary>
    private sealed class Unready : IReceiveEndpointConnector, HostReceiveEndpointHandle
    {
        public IReceiveEndpoint ReceiveEndpoint => throw new NotSupportedException();

        public Task<ReceiveEndpointReady> Ready { get; } = new TaskCompletionSource<ReceiveEndpointReady>().Task;

        public HostReceiveEndpointHandle ConnectReceiveEndpoint(
            IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter = null,
            Action<IBusRegistrationContext, IReceiveEndpointConfigurator>? configure = null) => this;

        public HostReceiveEndpointHandle ConnectReceiveEndpoint(
            string queueName, Action<IBusRegistrationContext, IReceiveEndpointConfigurator>? configure = null) => this;

        public Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task StopAsync(bool remove, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
