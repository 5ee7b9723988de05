using HubSpotBus.HubSpot.Adoption;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.Transactions.Transferring;
using HubSpotBus.Transactions.Writing;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Transactions;

public sealed class TransactionDb(DbContextOptions<TransactionDb> options) : ServiceDb(options, "transaction")
{
    public DbSet<TransactionTransferState> Transfers => Set<TransactionTransferState>();

    public DbSet<TransactionBatch> Batches => Set<TransactionBatch>();

    /// <summary>Orders, deals and line items in HubSpot.</summary>
    public DbSet<Link> Links => Set<Link>();

    /// <summary>Orders and deals that are marked as incomplete in HubSpot.</summary>
    public DbSet<IncompleteMark> IncompleteMarks => Set<IncompleteMark>();

    public override async Task DeleteOldAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await base.DeleteOldAsync(before, cancellationToken);
        await Transfers.Where(t => t.EndedAt < before).ExecuteDeleteAsync(cancellationToken);
    }

    protected override void OnServiceModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<TransactionTransferState>().HasKey(s => s.CorrelationId);
        modelBuilder.Entity<TransactionBatch>(batch =>
        {
            batch.HasKey(b => b.BatchId);
            batch.Property(b => b.BatchId).ValueGeneratedNever();
        });
        modelBuilder.Entity<Link>().MapLink();
        modelBuilder.MapAdoption();
        modelBuilder.Entity<IncompleteMark>().HasKey(m => new { m.SubscriptionId, m.ObjectType, m.TransactionId });
    }
}
