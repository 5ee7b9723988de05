using HubSpotBus.HubSpot.Adoption;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Customers;

public sealed class CustomerDb(DbContextOptions<CustomerDb> options) : ServiceDb(options, "customer")
{
    /// <summary>Companies and contacts in HubSpot.</summary>
    public DbSet<Link> Links => Set<Link>();

    protected override void OnServiceModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Link>().MapLink();
        modelBuilder.MapAdoption();
    }
}
