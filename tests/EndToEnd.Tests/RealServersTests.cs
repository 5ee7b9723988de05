using System.Text;
using Npgsql;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

public sealed class RealServersTests(RealServers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_confirmed_message_outlives_a_killed_broker()
    {
        servers.AreNeeded();
        await servers.MakeVirtualHostAsync("confirmed");
        await using (var connection = await ConnectAsync())
        {
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancellation);
            await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancellation);
            await servers.WriteQueuesToDiskAsync();
            await channel.BasicPublishAsync(
                "", "q", mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes("survivor"), Cancellation);
        }

        await servers.KillBrokerAsync();
        await servers.StartBrokerAsync();

        await using var again = await ConnectAsync();
        await using var reader = await again.CreateChannelAsync(cancellationToken: Cancellation);
        var message = await reader.BasicGetAsync("q", autoAck: true, Cancellation);
        Encoding.UTF8.GetString(message!.Body.Span).ShouldBe("survivor");
    }

    [Fact]
    public async Task A_committed_row_outlives_a_killed_database()
    {
        servers.AreNeeded();
        await ExecuteAsync("postgres", "CREATE DATABASE committed");
        await ExecuteAsync("committed", "CREATE TABLE t (value text); INSERT INTO t VALUES ('survivor')");

        await servers.KillDatabaseAsync();
        await servers.StartDatabaseAsync();

        (await ExecuteAsync("committed", "SELECT value FROM t")).ShouldBe("survivor");
        (await ExecuteAsync("committed", "SHOW synchronous_commit")).ShouldBe("on");
    }

    private Task<IConnection> ConnectAsync() =>
        new ConnectionFactory { Uri = servers.Broker("confirmed") }.CreateConnectionAsync(Cancellation);

    private async Task<object?> ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(servers.Database(database));
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
