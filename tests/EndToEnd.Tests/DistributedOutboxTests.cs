using System.Collections.Concurrent;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using HubSpotBus.ServiceDefaults.Tests;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>On RabbitMQ and PostgreSQL, by several replicas.</summary>
public sealed class DistributedOutboxTests(RealServers servers) : OutboxTests, IAsyncLifetime
{
    private readonly string _name = $"outbox{NewId.NextGuid():N}";

    public async ValueTask InitializeAsync()
    {
        servers.AreNeeded();
        await servers.MakeVirtualHostAsync(_name);
    }

    [Fact]
    public async Task Several_delivery_loops_share_the_messages_and_hand_over_each_once()
    {
        // More than a loop sends while the others do not look.
        const int Orders = 1000;
        await using var one = await StartShopAsync();
        await using var two = await StartShopAsync();
        await using var three = await StartShopAsync();
        var taken = new Taken();
        var sent = new List<Sent>();
        foreach (var bus in new[] { one, two, three }.Select(shop => shop.Services.GetRequiredService<IBusControl>()))
        {
            sent.Add(new Sent());
            bus.ConnectReceiveObserver(taken);
            bus.ConnectSendObserver(sent[^1]);
        }

        await using (var scope = one.Services.CreateAsyncScope())
        {
            var outbox = scope.ServiceProvider.GetRequiredService<Outbox<ShopDb>>();
            for (var i = 0; i < Orders; i++)
                await outbox.SendAsync(new Stack { Shelf = $"{i}" }, cancellationToken: TestContext.Current.CancellationToken);
            await scope.ServiceProvider.GetRequiredService<ShopDb>().SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        await ServiceUnderTest.UntilAsync(async () => (await ShelvesAsync(one)).Length >= Orders, "all were carried out", TimeSpan.FromMinutes(2));
        await QuietAsync(one);
        (await ShelvesAsync(one)).Order().ShouldBe(Enumerable.Range(0, Orders).Select(i => $"{i}").Order());
        taken.Orders.Values.ShouldAllBe(times => times == 1);
        taken.Orders.Count.ShouldBe(Orders);
        TestContext.Current.TestOutputHelper!.WriteLine($"Sent by each loop: {string.Join(", ", sent.Select(s => s.Orders))}");
        sent.Count(s => s.Orders > 0).ShouldBeGreaterThan(1, "several loops were at it");
    }

    [Fact]
    public async Task Replicas_that_start_at_once_over_an_older_schema_bring_it_up_to_date_together()
    {
        await using (await StartShopAsync())
        {
        }

        await using (var older = NpgsqlDataSource.Create(servers.Database(_name)))
        await using (var command = older.CreateCommand("""ALTER TABLE shop_total DROP COLUMN "Value"; DROP TABLE shop_count, bus_outbox;"""))
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var shops = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartShopAsync()));
        for (var i = 0; i < 20; i++)
            await shops[i % shops.Length].SendAsync(new Add());
        await ServiceUnderTest.UntilAsync(async () => await TotalAsync(shops[0]) == 20, "all were added");
        foreach (var shop in shops)
            await shop.DisposeAsync();
    }

    [Fact]
    public async Task What_a_failing_handler_changed_and_sent_is_not_committed_and_its_message_lies_in_the_error_queue()
    {
        await using var shop = await StartShopAsync();

        await shop.SendAsync(new Stack { Shelf = "broken" });

        await ServiceUnderTest.UntilAsync(async () => (await servers.QueuesAsync(_name)).ContainsKey("stack_error") && await servers.MessagesAsync(_name) == 1, "it was given up");
        (await ShelvesAsync(shop)).ShouldBeEmpty();
        shop.Waiting<Stacked>().ShouldBe(0);
        var queue = (await servers.QueuesAsync(_name))["stack_error"];
        (queue.Durable, $"{queue.Arguments["x-queue-type"]}").ShouldBe((true, "quorum"));
    }

    [Fact]
    public async Task What_no_queue_has_taken_stays_in_the_outbox_until_one_has()
    {
        await using (var shop = await StartShopAsync())
        {
            await shop.SendAsync(new Later { Text = "kept" }); // to an endpoint that nobody has declared
            await shop.SendAsync(new Add());
            await ServiceUnderTest.UntilAsync(async () => await TotalAsync(shop) == 1, "what was sent after it is carried out");
            (await KeptAsync(shop)).ShouldBe(1);
        }

        await using var next = await ServiceUnderTest.StartAsync(
            builder => builder.AddServiceDatabase<ShopDb>(), bus => bus.SpyOnOrder<Later>(), settings: await SettingsAsync());
        (await next.NextAsync<Later>()).Text.ShouldBe("kept");
        await ServiceUnderTest.UntilAsync(async () => await KeptAsync(next) == 0, "a queue has it");

        static Task<int> KeptAsync(ServiceUnderTest shop) => shop.ReadAsync<BusDb, int>(db => db.OutboxMessages.CountAsync());
    }

    public async ValueTask DisposeAsync() => await servers.DeleteVirtualHostAsync(_name);

    protected override Task<IReadOnlyDictionary<string, string?>> SettingsAsync() => Task.FromResult<IReadOnlyDictionary<string, string?>>(new Dictionary<string, string?>
    {
        ["Data:PostgreSql"] = servers.Database(_name),
        ["RabbitMq:Url"] = servers.Broker(_name).ToString(),
    });

    protected override async Task QuietAsync(ServiceUnderTest shop)
    {
        await base.QuietAsync(shop);
        await ServiceUnderTest.UntilAsync(async () => await servers.MessagesAsync(_name) == 0 && !await shop.ReadAsync<BusDb, bool>(db => db.OutboxMessages.AnyAsync()), "the queues are empty");
    }

    private sealed class Sent : ISendObserver
    {
        private int _orders;

        public int Orders => _orders;

        public Task PreSend<T>(SendContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PostSend<T>(SendContext<T> context)
            where T : class
        {
            if (context.DestinationAddress!.AbsolutePath.EndsWith("/stack", StringComparison.Ordinal))
                Interlocked.Increment(ref _orders);
            return Task.CompletedTask;
        }

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }

    private sealed class Taken : IReceiveObserver
    {
        public ConcurrentDictionary<Guid, int> Orders { get; } = new();

        public Task PreReceive(ReceiveContext context)
        {
            if (context.InputAddress.AbsolutePath.EndsWith("/stack", StringComparison.Ordinal))
                Orders.AddOrUpdate(context.GetMessageId()!.Value, 1, (_, times) => times + 1);
            return Task.CompletedTask;
        }

        public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
            where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
            where T : class => Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
    }
}
