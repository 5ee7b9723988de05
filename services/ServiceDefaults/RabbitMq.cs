using HubSpotBus.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HubSpotBus.ServiceDefaults;

/// <summary>The broker. Without an address the bus is in memory, for one process.</summary>
public sealed class RabbitMqOptions
{
    public const string Section = "RabbitMq";

    /// <summary>amqp://user:password@host:port/virtual-host, amqps:// for TLS.</summary>
    public Secret? Url { get; set; }

    /// <summary>A peer that says nothing for this long is dead: its messages go to another replica.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);
}

public static class RabbitMq
{
    // Longer than any handler works: a batch execution is given up after 57 minutes, HubSpot's longest answer takes 100 s. What works longer hangs.
    private static readonly TimeSpan ConsumerTimeout = TimeSpan.FromHours(1);

    internal static void UseRabbitMq(this IBusRegistrationConfigurator bus, IHostApplicationBuilder builder, RabbitMqOptions options)
    {
        var data = builder.Configuration.GetSection(DataOptions.Section).Get<DataOptions>();
        if (data?.PostgreSql is not { IsEmpty: false })
        {
            throw new InvalidOperationException(
                "RabbitMq:Url is set, so Data:PostgreSql has to be set as well: replicas cannot share a SQLite file.");
        }

        bus.AddSingleton<IDestinations, Exchanges>();
        bus.AddSingleton<IHandover, HandedToBroker>();
        bus.AddConfigureEndpointsCallback((_, _, endpoint) => endpoint.KeepMessages());
        bus.UsingRabbitMq((context, transport) =>
        {
            transport.Host(new Uri(options.Url!.Reveal()), host =>
            {
                host.Heartbeat(options.Heartbeat);
                host.PublisherConfirmation = true;
                host.RequestedChannelMax(0); // as many as the broker allows: a subscription's queue takes one
            });

            // Without mandatory an order to an endpoint that nobody has declared yet would vanish; so it comes back and stays in the outbox.
            transport.ConfigureSend(send => send.UseExecute(context =>
            {
                if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
                    rabbit.Mandatory = context.DestinationAddress.IsEndpoint();
            }));
            transport.ConfigureEndpoints(context);
        });
    }

    /// <summary>
    /// A queue that survives its node, loses no message however often its consumers die, and, with a single active consumer, feeds one
    /// replica at a time. In memory there is nothing to do.
    /// </summary>
    public static void KeepMessages(this IReceiveEndpointConfigurator endpoint, bool singleActiveConsumer = false)
    {
        if (endpoint is not IRabbitMqReceiveEndpointConfigurator queue)
            return;
        queue.SetQuorumQueue();
        queue.SingleActiveConsumer = singleActiveConsumer;

        // RabbitMQ 4 drops a message after 20 deliveries. Ours are safe to repeat: what a handler refuses goes to the error queue at once,
        // and what only outages return must outlive any number of them.
        queue.SetQueueArgument("x-delivery-limit", -1);
        queue.SetQueueArgument("x-consumer-timeout", (long)ConsumerTimeout.TotalMilliseconds);
    }
}
