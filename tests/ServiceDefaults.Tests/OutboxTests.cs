using HubSpotBus.Testing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.ServiceDefaults.Tests;

/// <summary>What inbox, outbox and saga store promise, on whichever store and bus.</summary>
public abstract class OutboxTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_is_carried_out_once_though_it_is_sent_three_times()
    {
        await using var shop = await StartShopAsync();
        var id = NewId.NextGuid();
        for (var i = 0; i < 3; i++)
        {
            await shop.SendAsync(new Stack { Shelf = "A" }, id);
            await QuietAsync(shop);
        }

        (await ShelvesAsync(shop)).ShouldBe(["A"]);
        await shop.NoDeadLettersAsync();
    }

    [Fact]
    public async Task An_order_that_comes_twenty_times_at_once_is_carried_out_once()
    {
        await using var shop = await StartShopAsync();
        var id = NewId.NextGuid();
        await using var scope = shop.Services.CreateAsyncScope();
        var bus = scope.ServiceProvider.GetRequiredService<IBus>();
        var endpoint = await bus.GetSendEndpoint(Address.Of<Stack>());

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => endpoint.Send(new Stack { Shelf = "T" }, send => send.MessageId = id, Stop)));

        await ServiceUnderTest.UntilAsync(async () => await ShelvesAsync(shop) is ["T"], "it was carried out");
        await QuietAsync(shop);
        (await ShelvesAsync(shop)).ShouldBe(["T"]);
        (await shop.NextAsync<Stacked>()).Shelf.ShouldBe("T");
        shop.Waiting<Stacked>().ShouldBe(0);
        await shop.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_fact_reaches_each_subscriber_exactly_once()
    {
        await using var shop = await StartShopAsync();

        await shop.SendAsync(new Stack { Shelf = "B" });
        await QuietAsync(shop);

        (await shop.NextAsync<Stacked>()).Shelf.ShouldBe("B");
        shop.Waiting<Stacked>().ShouldBe(0);
        (await shop.ReadAsync<ShopDb, int>(db => db.Set<Count>().CountAsync())).ShouldBe(1);
    }

    [Fact]
    public async Task A_conflict_in_the_store_is_tried_again_in_a_fresh_scope()
    {
        await using var shop = await StartShopAsync();

        for (var i = 0; i < 20; i++)
            await shop.SendAsync(new Add { });
        await ServiceUnderTest.UntilAsync(async () => await TotalAsync(shop) >= 20, "all were added");
        await QuietAsync(shop);

        (await TotalAsync(shop)).ShouldBe(20);
        await shop.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_saga_is_kept_with_its_messages_and_a_delayed_order_comes_when_it_is_due()
    {
        await using var shop = await StartShopAsync();
        var id = NewId.NextGuid();

        await shop.PublishAsync(new RoundStarted { RoundId = id });

        (await shop.NextAsync<RoundEnded>()).RoundId.ShouldBe(id);
        await QuietAsync(shop);
        var round = await shop.ReadAsync<ShopDb, RoundState>(db => db.Set<RoundState>().SingleAsync(s => s.CorrelationId == id, Stop));
        round.CurrentState.ShouldBe("Ended");
        round.Steps.ShouldBe(2);
        await shop.NoDeadLettersAsync();
    }

    /// <summary>Store and bus.</summary>
    protected abstract Task<IReadOnlyDictionary<string, string?>> SettingsAsync();

    /// <summary>Waits until every message has been consumed.</summary>
    protected virtual Task QuietAsync(ServiceUnderTest shop) => shop.QuietAsync();

    protected static Task<int> TotalAsync(ServiceUnderTest shop) => shop.ReadAsync<ShopDb, int>(db => db.Set<Total>().Select(t => t.Value).SingleOrDefaultAsync());

    protected static Task<string[]> ShelvesAsync(ServiceUnderTest shop) =>
        shop.ReadAsync<ShopDb, string[]>(db => db.Set<Shelf>().Select(s => s.Name).ToArrayAsync());

    protected async Task<ServiceUnderTest> StartShopAsync(string? folder = null) => await ServiceUnderTest.StartAsync(
        builder => builder.AddServiceDatabase<ShopDb>(),
        bus =>
        {
            bus.AddDurableConsumer<StackConsumer, ShopDb>();
            bus.AddDurableConsumer<CountStackedConsumer, ShopDb>();
            bus.AddDurableConsumer<AddConsumer, ShopDb>(concurrency: 8);
            bus.AddDurableConsumer<EndRoundConsumer, ShopDb>();
            bus.AddDurableSaga<RoundStateMachine, RoundState, ShopDb>();
            bus.SpyOnFact<Stacked>();
            bus.SpyOnFact<RoundEnded>();
        },
        settings: await SettingsAsync(),
        folder: folder);
}
