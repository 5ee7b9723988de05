using System.Collections.Concurrent;
using HubSpotBus.ServiceDefaults.Outbox;
using HubSpotBus.ServiceDefaults.Tests;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
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
    public async Task Several_delivery_loops_hand_over_each_message_once()
    {
        const int Orders = 300;
        await using var one = await StartShopAsync();
        await using var two = await StartShopAsync();
        await using var three = await StartShopAsync();
        var taken = new Taken();
        foreach (var shop in new[] { one, two, three })
            shop.Services.GetRequiredService<IBusControl>().ConnectReceiveObserver(taken);

        await using (var scope = one.Services.CreateAsyncScope())
        {
            var outbox = scope.ServiceProvider.GetRequiredService<Outbox<ShopDb>>();
            for (var i = 0; i < Orders; i++)
                await outbox.SendAsync(new Stack { Shelf = $"{i}" }, cancellationToken: TestContext.Current.CancellationToken);
            await scope.ServiceProvider.GetRequiredService<ShopDb>().SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        await ServiceUnderTest.UntilAsync(async () => (await ShelvesAsync(one)).Length >= Orders, "all were carried out");
        await QuietAsync(one);
        (await ShelvesAsync(one)).Order().ShouldBe(Enumerable.Range(0, Orders).Select(i => $"{i}").Order());
        taken.Orders.Values.ShouldAllBe(times => times == 1);
        taken.Orders.Count.ShouldBe(Orders);
    }

    [Fact]
    public async Task What_a_failing_handler_changed_and_sent_is_not_committed_and_its_message_lies_in_the_error_queue()
    {
        await using var shop = await StartShopAsync();

        await shop.SendAsync(new Stack { Shelf = "broken" });

        await ServiceUnderTest.UntilAsync(async () => (await servers.QueuesAsync(_name)).Contains("stack_error") && await servers.MessagesAsync(_name) == 1, "it was given up");
        (await ShelvesAsync(shop)).ShouldBeEmpty();
        shop.Waiting<Stacked>().ShouldBe(0);
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
