using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.ServiceDefaults.Outbox;

/// <summary>A message that left a commit and has not yet been consumed.</summary>
public sealed class OutboxMessage
{
    public long Sequence { get; set; }

    public Guid MessageId { get; set; }

    /// <summary>The receive endpoint it goes to; a fact has one row for each endpoint that subscribes to it.</summary>
    public required string Queue { get; set; }

    public required string MessageType { get; set; }

    public required string Envelope { get; set; }

    /// <summary>The trace that the message belongs to.</summary>
    public string? TraceParent { get; set; }

    public DateTimeOffset DueAt { get; set; }

    /// <summary>The run of the process that handed it to the transport; another run hands it over again.</summary>
    public Guid? HandedOverBy { get; set; }
}

/// <summary>A message that an endpoint has consumed: seen again, it is dropped.</summary>
public sealed class InboxMessage
{
    public Guid MessageId { get; set; }

    public required string Queue { get; set; }

    public DateTimeOffset ConsumedAt { get; set; }
}

/// <summary>A message that met a bug. It stays until a person returns or deletes it.</summary>
public sealed class DeadLetter
{
    public long Id { get; set; }

    public Guid MessageId { get; set; }

    public required string Queue { get; set; }

    public required string MessageType { get; set; }

    public required string Envelope { get; set; }

    public required string Error { get; set; }

    public DateTimeOffset FailedAt { get; set; }
}

/// <summary>The bus tables, alike in every service's model: in one file they are shared.</summary>
internal static class BusTables
{
    public static void Map(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OutboxMessage>(row =>
        {
            row.ToTable("bus_outbox").HasKey(r => r.Sequence);
            row.HasIndex(r => new { r.MessageId, r.Queue }).IsUnique();
            row.HasIndex(r => r.DueAt);
        });
        modelBuilder.Entity<InboxMessage>(row =>
        {
            row.ToTable("bus_inbox").HasKey(r => new { r.MessageId, r.Queue });
            row.HasIndex(r => r.ConsumedAt);
        });
        modelBuilder.Entity<DeadLetter>(row => row.ToTable("bus_dead_letters").HasKey(r => r.Id));
    }
}

/// <summary>The bus tables alone, for the loops that serve the whole process.</summary>
public sealed class BusDb(DbContextOptions<BusDb> options) : ServiceDb(options, "bus")
{
    protected override void OnServiceModelCreating(ModelBuilder modelBuilder)
    {
    }
}
