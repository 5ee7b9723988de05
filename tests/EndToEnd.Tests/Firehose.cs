using System.Collections.Concurrent;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>Hears a copy of every message of a virtual host: where it goes, its properties, and all of its body.</summary>
internal sealed class Firehose : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private Firehose(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public IReadOnlyList<string> Heard => [.. _heard];

    public static async Task<Firehose> StartAsync(RealServers servers, string virtualHost)
    {
        await servers.TraceAsync(virtualHost);
        var connection = await new ConnectionFactory { Uri = servers.Broker(virtualHost) }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        var firehose = new Firehose(connection, channel);
        var queue = await channel.QueueDeclareAsync();
        await channel.QueueBindAsync(queue.QueueName, "amq.rabbitmq.trace", "#");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            firehose._heard.Enqueue($"{message.RoutingKey}\n{Said(message.BasicProperties.Headers)}\n{Encoding.UTF8.GetString(message.Body.Span)}");
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
        return firehose;
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static string Said(object? value) => value switch
    {
        null => "",
        byte[] text => Encoding.UTF8.GetString(text),
        IDictionary<string, object?> table => string.Join('\n', table.Select(entry => $"{entry.Key}={Said(entry.Value)}")),
        System.Collections.IEnumerable list and not string => string.Join('\n', list.Cast<object?>().Select(Said)),
        _ => $"{value}",
    };
}
