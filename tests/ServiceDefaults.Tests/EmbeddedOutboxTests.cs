using HubSpotBus.ServiceDefaults.Outbox;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.ServiceDefaults.Tests;

/// <summary>In one process: SQLite, and a bus in memory.</summary>
public sealed class EmbeddedOutboxTests : OutboxTests
{
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
    public async Task What_was_consumed_more_than_a_week_ago_is_forgotten()
    {
        await using var shop = await StartShopAsync();
        await shop.SendAsync(new Stack { Shelf = "young" });
        await shop.QuietAsync();
        var young = await InboxAsync(shop);
        await shop.ReadAsync<ShopDb, int>(db =>
        {
            db.Add(new InboxMessage { MessageId = NewId.NextGuid(), Queue = "old", ConsumedAt = TimeProvider.System.GetUtcNow().AddDays(-8) });
            return db.SaveChangesAsync();
        });
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        shop.Services.GetServices<IHostedService>().OfType<Cleaning<ShopDb>>().ShouldHaveSingleItem(); // it runs by itself, now and then
        using var cleaning = new Cleaning<ShopDb>(shop.Services.GetRequiredService<IServiceScopeFactory>(), time, NullLogger<ShopDb>.Instance);
        await cleaning.StartAsync(TestContext.Current.CancellationToken);

        await ServiceUnderTest.UntilAsync(async () =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            return !(await InboxAsync(shop)).Contains("old");
        }, "the old one is forgotten");

        (await InboxAsync(shop)).ShouldBe(young, ignoreOrder: true);
        await cleaning.StopAsync(TestContext.Current.CancellationToken);
    }

    private static Task<List<string>> InboxAsync(ServiceUnderTest shop) => shop.ReadAsync<ShopDb, List<string>>(db => db.InboxMessages.Select(m => m.Queue).ToListAsync());

    protected override Task<IReadOnlyDictionary<string, string?>> SettingsAsync() =>
        Task.FromResult<IReadOnlyDictionary<string, string?>>(new Dictionary<string, string?>());
}
