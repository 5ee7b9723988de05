using System.Text.Json;
using HubSpotBus.Auth.Connecting;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth;

public sealed class AuthDb(DbContextOptions<AuthDb> options) : ServiceDb(options, "auth")
{
    public DbSet<SubscriptionSettings> Settings => Set<SubscriptionSettings>();

    public DbSet<Connection> Connections => Set<Connection>();

    public DbSet<ConsentRequest> ConsentRequests => Set<ConsentRequest>();

    public DbSet<ConnectingState> Connecting => Set<ConnectingState>();

    protected override void OnServiceModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SubscriptionSettings>().HasKey(s => s.SubscriptionId);
        modelBuilder.Entity<Connection>().HasKey(c => c.SubscriptionId);
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
