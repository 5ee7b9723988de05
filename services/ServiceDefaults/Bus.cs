using System.Security.Cryptography;
using System.Text;
using HubSpotBus.ServiceDefaults.Outbox;
using HubSpotBus.ServiceDefaults.Sagas;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HubSpotBus.ServiceDefaults;

public static class Bus
{
    /// <summary>
    /// Starts the process's bus with the consumers and sagas of its services: on RabbitMQ where that is configured, else in memory.
    /// </summary>
    public static void AddServiceBus(this IHostApplicationBuilder builder, Action<IBusRegistrationConfigurator> configure)
    {
        builder.AddServiceDatabase<BusDb>();
        builder.Services.AddSingleton<OutboxSignal>();
        builder.Services.AddScoped<DeliveredOrders>();
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        var rabbitMq = builder.Configuration.GetSection(RabbitMqOptions.Section).Get<RabbitMqOptions>();
        builder.Services.AddMassTransit(bus =>
        {
            bus.SetEndpointNameFormatter(Address.Formatter);
            bus.DisableUsageTelemetry(); // it would tell MassTransit's makers which endpoints and messages there are
            configure(bus);
            if (rabbitMq?.Url is { IsEmpty: false })
                bus.UseRabbitMq(builder, rabbitMq);
            else
                bus.UseMemory();
        });

        // After the bus: what another run left in the outbox finds its endpoints started.
        builder.Services.AddHostedService<OutboxDelivery>();
    }

    private static void UseMemory(this IBusRegistrationConfigurator bus)
    {
        bus.AddSingleton<Subscribers>();
        bus.AddSingleton<IDestinations>(provider => provider.GetRequiredService<Subscribers>());
        bus.AddSingleton<IHandover, KeptUntilConsumed>();
        bus.AddReceiveObserver<DeadLetters>();
        bus.UsingInMemory((context, transport) =>
        {
            transport.ConnectEndpointConfigurationObserver(context.GetRequiredService<Subscribers>());
            transport.ConfigureEndpoints(context);
        });
    }

    /// <summary>A consumer on its own endpoint, inside inbox and outbox; the endpoint is named after the consumer unless told otherwise.</summary>
    public static void AddDurableConsumer<TConsumer, TDb>(this IBusRegistrationConfigurator bus, int concurrency = 4, string? endpointName = null)
        where TConsumer : class, IConsumer
        where TDb : ServiceDb
    {
        bus.AddScoped<IOutboxContextFactory<Durable<TDb>>, DurableContextFactory<TDb>>();
        bus.AddConsumer<TConsumer>().Endpoint(endpoint =>
        {
            if (endpointName is not null)
                endpoint.Name = endpointName;
            endpoint.AddConfigureEndpointCallback((context, configurator) => configurator.UseDurable<TDb>(context, concurrency));
        });
    }

    /// <summary>
    /// A saga on its own endpoint, inside inbox and outbox, kept as a row of the service's store. A saga that an order starts takes
    /// the order's endpoint name.
    /// </summary>
    public static void AddDurableSaga<TStateMachine, TSaga, TDb>(
        this IBusRegistrationConfigurator bus, int concurrency = 4, string? endpointName = null)
        where TStateMachine : class, SagaStateMachine<TSaga>
        where TSaga : class, SagaStateMachineInstance, IVersioned
        where TDb : ServiceDb
    {
        bus.AddScoped<IOutboxContextFactory<Durable<TDb>>, DurableContextFactory<TDb>>();
        bus.AddSagaStateMachine<TStateMachine, TSaga>().StoredIn<TSaga, TDb>().Endpoint(endpoint =>
        {
            if (endpointName is not null)
                endpoint.Name = endpointName;
            endpoint.AddConfigureEndpointCallback((context, configurator) => configurator.UseDurable<TDb>(context, concurrency));
        });
    }

    /// <summary>Sends an order to the endpoint that takes it.</summary>
    public static async Task SendOrder<T>(this ConsumeContext context, T order, Guid? messageId = null, TimeSpan? delay = null)
        where T : class
    {
        var endpoint = await context.GetSendEndpoint(Address.Of<T>());
        await endpoint.Send(order, send =>
        {
            send.MessageId = messageId ?? NewId.NextGuid();
            send.Delay = delay;
        }, context.CancellationToken);
    }
}

/// <summary>Addresses of orders: the endpoint is named after the order.</summary>
public static class Address
{
    internal static readonly IEndpointNameFormatter Formatter = new KebabCaseEndpointNameFormatter(false);

    public static Uri Of<TOrder>()
        where TOrder : class => To(EndpointOf<TOrder>());

    /// <summary>By its exchange: an address of a queue would declare that queue, as the wrong kind.</summary>
    public static Uri To(string endpoint) => new($"exchange:{endpoint}");

    public static string EndpointOf<TOrder>()
        where TOrder : class => Formatter.SanitizeName(typeof(TOrder).Name);
}

/// <summary>MessageIds that are the same whenever the same step sends again: the second is a duplicate, not a second run.</summary>
public static class MessageIds
{
    public static Guid For(Guid id, string step, int attempt = 0) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"{id:N}/{step}/{attempt}")).AsSpan(0, 16));
}
