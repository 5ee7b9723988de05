using System.Data.Common;
using HubSpotBus.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.ServiceDefaults.Tests;

/// <summary>How the outbox goes on while the broker takes some messages and returns others; on SQLite, which knows no locked rows.</summary>
public sealed class HandedToBrokerTests
{
    [Fact]
    public async Task Messages_that_nobody_takes_keep_no_others_back_and_go_once_they_are_taken()
    {
        using var file = new SqliteConnection("Data Source=:memory:");
        file.Open();
        await using var services = new ServiceCollection()
            .AddDbContext<BusDb>(options => options.UseSqlite(file).AddInterceptors(new WithoutLocks())).BuildServiceProvider();
        var time = new FakeTimeProvider();
        await AddAsync(services, "nobody", Handover.Page + 50, time.GetUtcNow());
        await AddAsync(services, "somebody", 10, time.GetUtcNow());
        var bus = MassTransit.Bus.Factory.CreateUsingInMemory(_ => { });
        var broker = new Broker();
        bus.ConnectSendObserver(broker);
        await bus.StartAsync(TestContext.Current.CancellationToken);
        var handover = new HandedToBroker(services.GetRequiredService<IServiceScopeFactory>(), bus, time, NullLogger<HandedToBroker>.Instance);

        await AllDueAsync(handover);
        (await WaitingAsync(services)).ShouldBe(["nobody"]);

        // What comes later goes before what is tried again.
        time.Advance(TimeSpan.FromSeconds(2));
        await AddAsync(services, "somebody", 1, time.GetUtcNow().AddSeconds(-1.5));
        await handover.HandOverDueAsync(TestContext.Current.CancellationToken);
        (await WaitingAsync(services)).ShouldBe(["nobody"]);

        broker.TakesAll = true;
        time.Advance(TimeSpan.FromSeconds(2));
        await AllDueAsync(handover);
        (await WaitingAsync(services)).ShouldBeEmpty();
        await bus.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task AllDueAsync(HandedToBroker handover)
    {
        while (await handover.HandOverDueAsync(TestContext.Current.CancellationToken))
        {
        }
    }

    private static async Task AddAsync(ServiceProvider services, string queue, int messages, DateTimeOffset due)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BusDb>();
        await db.Database.EnsureCreatedAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < messages; i++)
            db.Add(new OutboxMessage { MessageId = NewId.NextGuid(), Queue = queue, MessageType = "Order", Envelope = "{}", DueAt = due });
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<List<string>> WaitingAsync(ServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<BusDb>().OutboxMessages.Select(m => m.Queue).Distinct().ToListAsync();
    }

    /// <summary>A broker that returns what goes to a queue which nobody has declared.</summary>
    private sealed class Broker : ISendObserver
    {
        public bool TakesAll { get; set; }

        public Task PreSend<T>(SendContext<T> context)
            where T : class => TakesAll || context.DestinationAddress!.QueueName() != "nobody"
                ? Task.CompletedTask
                : throw new TransportUnavailableException("no queue is bound to it");

        public Task PostSend<T>(SendContext<T> context)
            where T : class => Task.CompletedTask;

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }

    private sealed class WithoutLocks : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            // Only ever our own SQL.
#pragma warning disable CA2100
            command.CommandText = command.CommandText.Replace("FOR UPDATE SKIP LOCKED", "", StringComparison.Ordinal);
#pragma warning restore CA2100
            return ValueTask.FromResult(result);
        }
    }
}
