using System.Text.Json;
using HubSpotBus.Auth.Connecting;
using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Egress.Limits;
using HubSpotBus.Auth.HubSpotApp;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Auth.Webhooks;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth;

public sealed class AuthDb(DbContextOptions<AuthDb> options) : ServiceDb(options, "auth")
{
    public DbSet<SubscriptionSettings> Settings => Set<SubscriptionSettings>();

    public DbSet<Connection> Connections => Set<Connection>();

    public DbSet<GrantToRevoke> GrantsToRevoke => Set<GrantToRevoke>();

    public DbSet<ConsentRequest> ConsentRequests => Set<ConsentRequest>();

    public DbSet<StoredApp> StoredApps => Set<StoredApp>();

    public DbSet<LimitRow> Limits => Set<LimitRow>();

    public DbSet<ReadingRow> Readings => Set<ReadingRow>();

    public DbSet<SeenHubSpotEvent> SeenHubSpotEvents => Set<SeenHubSpotEvent>();

    public DbSet<ConnectingState> Connecting => Set<ConnectingState>();

    /// <inheritdoc/>
    public override async Task DeleteOldAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await base.DeleteOldAsync(before, cancellationToken);
        await Limits.Where(l => l.HeardAt < before).ExecuteDeleteAsync(cancellationToken);
        await Readings.Where(r => r.At < before).ExecuteDeleteAsync(cancellationToken);
        await SeenHubSpotEvents.Where(e => e.SeenAt < before).ExecuteDeleteAsync(cancellationToken);
    }

    protected override void OnServiceModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SubscriptionSettings>().HasKey(s => s.SubscriptionId);
        modelBuilder.Entity<Connection>().HasKey(c => c.SubscriptionId);
        modelBuilder.Entity<GrantToRevoke>().HasIndex(g => g.TryAt);
        modelBuilder.Entity<StoredApp>().Property(a => a.Id).ValueGeneratedNever();
        modelBuilder.Entity<LimitRow>(row =>
        {
            row.HasKey(r => r.Key);
            row.HasIndex(r => r.HeardAt);
            row.Property(r => r.Limit).HasConversion(
                limit => JsonSerializer.Serialize(limit, JsonSerializerOptions.Web),
                json => JsonSerializer.Deserialize<SharedLimit>(json, JsonSerializerOptions.Web)!);
        });
        modelBuilder.Entity<ReadingRow>(row =>
        {
            row.HasKey(r => new { r.SubscriptionId, r.Replica });
            row.HasIndex(r => r.At);
            row.Property(r => r.Reading).HasConversion(
                reading => JsonSerializer.Serialize(reading, JsonSerializerOptions.Web),
                json => JsonSerializer.Deserialize<ReplicaReading>(json, JsonSerializerOptions.Web)!);
        });
        modelBuilder.Entity<SeenHubSpotEvent>(seen =>
        {
            seen.HasKey(e => e.Key);
            seen.HasIndex(e => e.SeenAt);
        });
        modelBuilder.Entity<ConnectingState>(saga =>
        {
            saga.HasKey(s => s.CorrelationId);
            saga.Property(s => s.Account).HasConversion(
                account => JsonSerializer.Serialize(account, JsonSerializerOptions.Web),
                json => JsonSerializer.Deserialize<AccountAbilities>(json, JsonSerializerOptions.Web)!);
        });
        modelBuilder.Entity<ConsentRequest>(request =>
        {
            request.HasKey(r => r.StateHash);
            request.HasIndex(r => r.TicketHash);
            request.HasIndex(r => r.ExpiresAt);
        });
    }
}
