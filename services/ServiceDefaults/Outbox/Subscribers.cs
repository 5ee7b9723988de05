using System.Collections.Concurrent;
using MassTransit;

namespace HubSpotBus.ServiceDefaults.Outbox;

/// <summary>
/// Which receive endpoints of the process consume which message. In one process a fact is stored once for each of them, so that
/// each has its own row until it has consumed it.
/// </summary>
public sealed class Subscribers : IEndpointConfigurationObserver, IDestinations
{
    private readonly ConcurrentDictionary<Type, ConcurrentDictionary<string, bool>> _queues = [];

    public IEnumerable<string> Of<T>(SendContext<T> context)
        where T : class =>
        context.DestinationAddress.IsEndpoint() ? [context.DestinationAddress!.QueueName()]
        : _queues.TryGetValue(typeof(T), out var queues) ? queues.Keys
        : [];

    public void EndpointConfigured<T>(T configurator)
        where T : IReceiveEndpointConfigurator
    {
        var observer = new Handlers(this, configurator.InputAddress.QueueName());
        configurator.ConnectConsumerConfigurationObserver(observer);
        configurator.ConnectSagaConfigurationObserver(observer);
    }

    private void Add(Type message, string queue) => _queues.GetOrAdd(message, _ => []).TryAdd(queue, true);

    private sealed class Handlers(Subscribers subscribers, string queue) : IConsumerConfigurationObserver, ISagaConfigurationObserver
    {
        public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
            where TConsumer : class
            where TMessage : class => subscribers.Add(typeof(TMessage), queue);

        public void SagaMessageConfigured<TSaga, TMessage>(ISagaMessageConfigurator<TSaga, TMessage> configurator)
            where TSaga : class, ISaga
            where TMessage : class => subscribers.Add(typeof(TMessage), queue);

        public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator)
            where TConsumer : class
        {
        }

        public void SagaConfigured<TSaga>(ISagaConfigurator<TSaga> configurator)
            where TSaga : class, ISaga
        {
        }

        public void StateMachineSagaConfigured<TInstance>(ISagaConfigurator<TInstance> configurator, SagaStateMachine<TInstance> stateMachine)
            where TInstance : class, ISaga, SagaStateMachineInstance
        {
        }
    }
}
