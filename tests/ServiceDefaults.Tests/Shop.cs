using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.ServiceDefaults.Tests;

// A little shop of messages: just enough to prove what the defaults promise.
public sealed record Stack
{
    public required string Shelf { get; init; }
}

public sealed record Stacked
{
    public required string Shelf { get; init; }
}

public sealed record Add;

public sealed record Later
{
    public required string Text { get; init; }
}

public sealed record RoundStarted
{
    public required Guid RoundId { get; init; }
}

public sealed record EndRound
{
    public required Guid RoundId { get; init; }
}

public sealed record RoundEnded
{
    public required Guid RoundId { get; init; }
}

public sealed class Shelf
{
    public int Id { get; set; }

    public required string Name { get; set; }
}

public sealed class Count
{
    public int Id { get; set; }
}

public sealed class Total : IVersioned
{
    public int Id { get; set; }

    public int Value { get; set; }

    public int Version { get; set; }
}

public sealed class RoundState : SagaStateMachineInstance, IVersioned
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public int Steps { get; set; }

    public int Version { get; set; }
}

public sealed class ShopDb(DbContextOptions<ShopDb> options) : ServiceDb(options, "shop")
{
    protected override void OnServiceModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Shelf>();
        modelBuilder.Entity<Count>();
        modelBuilder.Entity<Total>().Property(t => t.Id).ValueGeneratedNever();
        modelBuilder.Entity<RoundState>().HasKey(s => s.CorrelationId);
    }
}

public sealed class StackConsumer(ShopDb db) : IConsumer<Stack>
{
    public async Task Consume(ConsumeContext<Stack> context)
    {
        db.Add(new Shelf { Name = context.Message.Shelf });
        await context.Publish(new Stacked { Shelf = context.Message.Shelf });
        if (context.Message.Shelf == "broken")
            throw new InvalidOperationException("The shelf is broken");
    }
}

public sealed class CountStackedConsumer(ShopDb db) : IConsumer<Stacked>
{
    public Task Consume(ConsumeContext<Stacked> context)
    {
        db.Add(new Count());
        return Task.CompletedTask;
    }
}

public sealed class AddConsumer(ShopDb db) : IConsumer<Add>
{
    public async Task Consume(ConsumeContext<Add> context)
    {
        if (await db.Set<Total>().SingleOrDefaultAsync(context.CancellationToken) is { } total)
            total.Value++;
        else
            db.Add(new Total { Id = 1, Value = 1 });
    }
}

public sealed class EndRoundConsumer : IConsumer<EndRound>
{
    public Task Consume(ConsumeContext<EndRound> context) => context.Publish(new RoundEnded { RoundId = context.Message.RoundId });
}

public sealed class RoundStateMachine : MassTransitStateMachine<RoundState>
{
    public RoundStateMachine()
    {
        InstanceState(s => s.CurrentState);
        Event(() => Started, e => e.CorrelateById(m => m.Message.RoundId));
        Event(() => WasEnded, e => e.CorrelateById(m => m.Message.RoundId));
        Initially(When(Started)
            .Then(c => c.Saga.Steps++)
            .ThenAsync(c => c.SendOrder(new EndRound { RoundId = c.Saga.CorrelationId }, delay: TimeSpan.FromMilliseconds(50)))
            .TransitionTo(Running));
        During(Running, When(WasEnded).Then(c => c.Saga.Steps++).TransitionTo(Ended));
    }

    public State Running { get; private set; } = null!;

    public State Ended { get; private set; } = null!;

    public Event<RoundStarted> Started { get; private set; } = null!;

    public Event<RoundEnded> WasEnded { get; private set; } = null!;
}
