using System.Text.Json;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.ActivityLog;
using HubSpotBus.Hub.BatchExecutions;
using HubSpotBus.Hub.Companies;
using HubSpotBus.Hub.Records;
using HubSpotBus.Hub.Subscriptions;
using HubSpotBus.Hub.Transfers;
using HubSpotBus.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace HubSpotBus.Hub;

public sealed class HubDb(DbContextOptions<HubDb> options) : ServiceDb(options, "hub")
{
    public DbSet<Company> Companies => Set<Company>();

    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<Subscription> Subscriptions => Set<Subscription>();

    public DbSet<HubRecord> Records => Set<HubRecord>();

    public DbSet<Sku> Skus => Set<Sku>();

    public DbSet<Transfer> Transfers => Set<Transfer>();

    public DbSet<BatchExecution> BatchExecutions => Set<BatchExecution>();

    public DbSet<Slot> Slots => Set<Slot>();

    public DbSet<Activity> Activities => Set<Activity>();

    public override async Task DeleteOldAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await base.DeleteOldAsync(before, cancellationToken);
        await BatchExecutions.Where(b => b.State == BatchState.Done && b.SlotFreedAt < before).ExecuteDeleteAsync(cancellationToken);
        await Sessions.Where(s => s.ExpiresAt < before).ExecuteDeleteAsync(cancellationToken);
        var deleted = Subscriptions.IgnoreQueryFilters().Where(s => s.DeletedAt != null).Select(s => s.Id);
        await Transfers.Where(t => deleted.Contains(t.SubscriptionId) && t.State != TransferState.Running).ExecuteDeleteAsync(cancellationToken);
    }

    protected override void OnServiceModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Company>().HasIndex(c => c.KeyHash).IsUnique();
        modelBuilder.Entity<Session>().HasKey(s => s.SecretHash);
        modelBuilder.Entity<Subscription>(subscription =>
        {
            subscription.HasIndex(s => new { s.CompanyId, s.NameKey }).IsUnique();
            subscription.HasQueryFilter(s => s.DeletedAt == null);
            subscription.Property(s => s.Account).HasConversion(
                account => JsonSerializer.Serialize(account, JsonSerializerOptions.Web),
                json => JsonSerializer.Deserialize<AccountAbilities>(json, JsonSerializerOptions.Web));
            subscription.Property(s => s.StagesOfStatuses).HasConversion(
                stages => JsonSerializer.Serialize(stages, JsonSerializerOptions.Web),
                json => JsonSerializer.Deserialize<Dictionary<string, string>>(json, JsonSerializerOptions.Web),
                ValueComparer.CreateDefault<Dictionary<string, string>>(favorStructuralComparisons: false)); // never changed, only set
        });
        modelBuilder.Entity<HubRecord>(record =>
        {
            record.HasKey(r => new { r.CompanyId, r.DataType, r.RecordId });
            record.Property(r => r.RecordVersion).IsConcurrencyToken();
        });
        modelBuilder.Entity<Sku>(sku =>
        {
            sku.HasKey(s => new { s.CompanyId, s.Value });
            sku.HasIndex(s => new { s.CompanyId, s.ProductId });
        });
        modelBuilder.Entity<Transfer>(transfer =>
        {
            transfer.HasIndex(t => new { t.SubscriptionId, t.DataType, t.RecordId }).IsUnique();
            transfer.HasIndex(t => new { t.SubscriptionId, t.State, t.DataType, t.Backfill, t.PendingSince });
            transfer.HasIndex(t => t.BatchId);
            transfer.HasIndex(t => new { t.State, t.DueAt });
            transfer.OwnsMany(t => t.Problems, problems => problems.ToJson());
        });
        modelBuilder.Entity<BatchExecution>(batch =>
        {
            batch.HasIndex(b => new { b.SubscriptionId, b.PlannedAt });
            batch.HasIndex(b => new { b.SubscriptionId, b.State });
        });
        modelBuilder.Entity<Slot>(slot =>
        {
            slot.HasKey(s => new { s.SubscriptionId, s.Number });
            slot.Property(s => s.Token).IsConcurrencyToken();
        });
        modelBuilder.Entity<Activity>().HasIndex(a => new { a.CompanyId, a.At });
    }
}
