using System.Diagnostics;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.Subscriptions.Bench;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using Testcontainers.RabbitMq;

// How many subscriptions one bus instance carries: endpoints as the hub connects them, until the broker refuses one, or as many as are wanted.
// make bench-subscriptions
var settings = Environment.GetEnvironmentVariable("BROKER_ARGUMENTS") ?? "-rabbit channel_max 65535"; // as docker-compose.yml
await using var broker = new RabbitMqBuilder(Environment.GetEnvironmentVariable("RABBITMQ_IMAGE") ?? "rabbitmq:4.0-management")
    .WithEnvironment("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", settings).Build();
await broker.StartAsync();
var allowed = await ChannelsOfAConnectionAsync();
var most = args is [var wanted] ? int.Parse(wanted, null) : allowed;
Console.WriteLine($"The broker allows {allowed} channels on a connection.\n");

var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.None);
builder.Services.AddMassTransit(bus => bus.UsingRabbitMq((_, transport) => transport.Host(
    new Uri(broker.GetConnectionString()), host => host.RequestedChannelMax(0))));
using var host = builder.Build();
await host.StartAsync();
var connector = host.Services.GetRequiredService<IReceiveEndpointConnector>();
var clock = Stopwatch.StartNew();
var before = await MemoryAsync();
Console.WriteLine("| subscriptions | connected after s | memory of the process MB | of the broker MB |\n|---|---|---|---|");
Console.WriteLine($"| 0 | | {before.Process:0} | {before.Broker:0} |");
for (var connected = 0; connected < most; connected++)
{
    try
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await connector.ConnectReceiveEndpoint($"batch-executions-{NewId.NextGuid():N}", (_, endpoint) =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.ConcurrentMessageLimit = 5;
            endpoint.PrefetchCount = 5;
            endpoint.KeepMessages(singleActiveConsumer: true);
            endpoint.Handler<Ordered>(_ => Task.CompletedTask);
        }).Ready.WaitAsync(patience.Token);
    }
    catch (Exception refused)
    {
        Console.WriteLine($"\nceiling: {connected} subscriptions of one bus instance; the next one: {refused.GetBaseException().Message}");
        break;
    }

    if ((connected + 1) % 500 == 0 || connected == most - 1)
    {
        var memory = await MemoryAsync();
        Console.WriteLine($"| {connected + 1} | {clock.Elapsed.TotalSeconds:0} | {memory.Process:0} | {memory.Broker:0} |");
    }
}

// Stopping thousands of endpoints politely takes longer than the broker lives.
await broker.DisposeAsync();
Environment.Exit(0);

async Task<int> ChannelsOfAConnectionAsync()
{
    await using var connection = await new ConnectionFactory { Uri = new Uri(broker.GetConnectionString()), RequestedChannelMax = 0 }.CreateConnectionAsync();
    return connection.ChannelMax;
}

async Task<(double Process, double Broker)> MemoryAsync()
{
    GC.Collect();
    using var process = Process.GetCurrentProcess();
    var status = await broker.ExecAsync(["rabbitmqctl", "--quiet", "eval", "erlang:memory(total)."]);
    return (process.WorkingSet64 / 1048576.0, double.TryParse(status.Stdout.Trim(), out var bytes) ? bytes / 1048576 : double.NaN);
}

namespace HubSpotBus.Subscriptions.Bench
{
    internal sealed record Ordered;
}
