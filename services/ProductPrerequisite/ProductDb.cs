using HubSpotBus.HubSpot.Adoption;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.ProductPrerequisite;

public sealed class ProductDb(DbContextOptions<ProductDb> options) : ServiceDb(options, "product")
{
    /// <summary>Products in HubSpot, by hub id.</summary>
    public DbSet<Link> Links => Set<Link>();

    /// <summary>Products in HubSpot, by SKU: ours, and those that HubSpot had already.</summary>
    public DbSet<SkuLink> SkuLinks => Set<SkuLink>();

    protected override void OnServiceModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Link>().MapLink();
        modelBuilder.MapAdoption();
        modelBuilder.Entity<SkuLink>().HasKey(l => new { l.SubscriptionId, l.Sku });
    }
}

/// <summary>The HubSpot product that a SKU stands for.</summary>
public sealed class SkuLink
{
    public Guid SubscriptionId { get; set; }

    public required string Sku { get; set; }

    public required string HubSpotId { get; set; }
}
