using HubSpotBus.ServiceDefaults.Outbox;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.ServiceDefaults.Tests;

public sealed class CleaningTests
{
    [Fact]
    public async Task Old_rows_are_deleted_minutes_after_the_start_and_every_hour_from_then_on()
    {
        using var file = new SqliteConnection("Data Source=:memory:");
        file.Open();
        await using var services = new ServiceCollection().AddDbContext<BusDb>(options => options.UseSqlite(file)).BuildServiceProvider();
        var clock = new Clock();
        using var cleaning = new Cleaning<BusDb>(services.GetRequiredService<IServiceScopeFactory>(), clock, NullLogger<BusDb>.Instance);
        await cleaning.StartAsync(TestContext.Current.CancellationToken);
        await clock.Ticks.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        foreach (var wait in new[] { TimeSpan.FromMinutes(5), TimeSpan.FromHours(1) })
        {
            await AddAsync(services, clock.GetUtcNow().AddDays(-8), clock.GetUtcNow().AddDays(-6));
            clock.Advance(wait);
            await ServiceUnderTest.UntilAsync(
                async () => (await LeftAsync(services)).TrueForAll(at => at > clock.GetUtcNow().AddDays(-7)), $"cleaned {wait} later");
        }

        (await LeftAsync(services)).Count.ShouldBe(2, "what is younger than a week stays");
        await cleaning.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task AddAsync(ServiceProvider services, params DateTimeOffset[] consumed)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BusDb>();
        await db.Database.EnsureCreatedAsync(TestContext.Current.CancellationToken);
        db.AddRange(consumed.Select(at => new InboxMessage { MessageId = NewId.NextGuid(), Queue = "orders", ConsumedAt = at }));
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<List<DateTimeOffset>> LeftAsync(ServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<BusDb>().InboxMessages.Select(m => m.ConsumedAt).ToListAsync();
    }

    /// <summary>Says when somebody waits for its ticks.</summary>
    private sealed class Clock : FakeTimeProvider
    {
        public TaskCompletionSource Ticks { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Ticks.TrySetResult();
            return timer;
        }
    }
}
