using HubSpotBus.ServiceDefaults.Outbox;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace HubSpotBus.ServiceDefaults.Tests;

public sealed class OutboxTests
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
            await shop.QuietAsync();
        }

        (await ShelvesAsync(shop)).ShouldBe(["A"]);
        await shop.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_fact_reaches_each_subscriber_exactly_once()
    {
        await using var shop = await StartShopAsync();

        await shop.SendAsync(new Stack { Shelf = "B" });
        await shop.QuietAsync();

        (await shop.NextAsync<Stacked>()).Shelf.ShouldBe("B");
        shop.Waiting<Stacked>().ShouldBe(0);
        (await shop.ReadAsync<ShopDb, int>(db => db.Set<Count>().CountAsync())).ShouldBe(1);
    }

    [Fact]
    public async Task What_a_failing_handler_changed_and_sent_is_not_committed_and_its_message_lies_among_the_dead_letters()
    {
        await using var shop = await StartShopAsync();

        await shop.SendAsync(new Stack { Shelf = "broken" });
        await shop.QuietAsync();

        (await ShelvesAsync(shop)).ShouldBeEmpty();
        shop.Waiting<Stacked>().ShouldBe(0);
        var letter = await shop.ReadAsync<BusDb, DeadLetter>(db => db.DeadLetters.SingleAsync());
        letter.Queue.ShouldBe("stack");
        letter.Error.ShouldContain("The shelf is broken");
        letter.Envelope.ShouldContain("\"shelf\"");
    }

    [Fact]
    public async Task A_conflict_in_the_store_is_tried_again_in_a_fresh_scope()
    {
        await using var shop = await StartShopAsync();

        for (var i = 0; i < 20; i++)
            await shop.SendAsync(new Add { });
        await shop.QuietAsync();

        (await shop.ReadAsync<ShopDb, int>(db => db.Set<Total>().Select(t => t.Value).SingleAsync())).ShouldBe(20);
        await shop.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_message_that_was_handed_over_but_not_consumed_is_handed_over_again_by_the_next_run()
    {
        var folder = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        await using (var shop = await StartShopAsync(folder))
        {
            // Handed over to an endpoint that does not exist in this run: nobody consumes it.
            await shop.SendAsync(new Later { Text = "kept" });
            await ServiceUnderTest.UntilAsync(
                () => shop.ReadAsync<BusDb, bool>(db => db.OutboxMessages.AnyAsync(m => m.HandedOverBy != null)), "handed over");
        }

        await using var next = await ServiceUnderTest.StartAsync(_ => { }, bus => bus.SpyOnOrder<Later>(), folder: folder);
        (await next.NextAsync<Later>()).Text.ShouldBe("kept");
        await next.QuietAsync();
    }

    [Fact]
    public async Task A_saga_is_kept_with_its_messages_and_a_delayed_order_comes_when_it_is_due()
    {
        await using var shop = await StartShopAsync();
        var id = NewId.NextGuid();

        await shop.PublishAsync(new RoundStarted { RoundId = id });

        (await shop.NextAsync<RoundEnded>()).RoundId.ShouldBe(id);
        await shop.QuietAsync();
        var round = await shop.ReadAsync<ShopDb, RoundState>(db => db.Set<RoundState>().SingleAsync(s => s.CorrelationId == id, Stop));
        round.CurrentState.ShouldBe("Ended");
        round.Steps.ShouldBe(2);
        await shop.NoDeadLettersAsync();
    }

    private static Task<string[]> ShelvesAsync(ServiceUnderTest shop) =>
        shop.ReadAsync<ShopDb, string[]>(db => db.Set<Shelf>().Select(s => s.Name).ToArrayAsync());

    private static Task<ServiceUnderTest> StartShopAsync(string? folder = null) => ServiceUnderTest.StartAsync(
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
        folder: folder);
}
