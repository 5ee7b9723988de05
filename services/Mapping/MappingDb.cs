using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.HubSpot;
using HubSpotBus.Mappings.Collections;
using HubSpotBus.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Mappings;

public sealed class MappingDb(DbContextOptions<MappingDb> options) : ServiceDb(options, "mapping")
{
    public DbSet<Subscription> Subscriptions => Set<Subscription>();

    public DbSet<StoredCollection> Collections => Set<StoredCollection>();

    public DbSet<StoredSchema> Schemas => Set<StoredSchema>();

    public DbSet<Account> Accounts => Set<Account>();

    /// <summary>The subscription's row, added when this is the first that Mapping hears of it.</summary>
    public async Task<Subscription> SubscriptionAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await Subscriptions.SingleOrDefaultAsync(s => s.SubscriptionId == id, cancellationToken) is { } known)
            return known;
        return Subscriptions.Add(new Subscription { SubscriptionId = id }).Entity;
    }

    protected override void OnServiceModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Subscription>().HasKey(s => s.SubscriptionId);
        modelBuilder.Entity<Account>().HasKey(a => a.SubscriptionId);
        modelBuilder.Entity<StoredCollection>().HasKey(c => new { c.SubscriptionId, c.Kind });
        modelBuilder.Entity<StoredSchema>().HasKey(s => new { s.SubscriptionId, s.ObjectType });
    }
}

/// <summary>What Mapping remembers of a subscription.</summary>
public sealed class Subscription : IVersioned
{
    public required Guid SubscriptionId { get; set; }

    /// <summary>Revision of the newest save heard of.</summary>
    public long Revision { get; set; }

    public TransactionTarget TransactionsBecome { get; set; }

    public bool CreateDefaultMappings { get; set; } = true;

    /// <summary>Label of the company property that stands for the customer category; null for none.</summary>
    public string? CompanyCategoryFieldName { get; set; }

    /// <summary>Label of the contact property that stands for the customer category; null for none.</summary>
    public string? ContactCategoryFieldName { get; set; }

    /// <summary>Grows with every new set of collections or account schema; what was read under an older stamp is stale.</summary>
    public int Stamp { get; set; }

    public int Version { get; set; }

    /// <summary>Label of the property of this object type that stands for the customer category; null for none.</summary>
    public string? CategoryLabelOf(string objectType) => objectType switch
    {
        ObjectTypes.Companies => CompanyCategoryFieldName,
        ObjectTypes.Contacts => ContactCategoryFieldName,
        _ => null,
    };
}

/// <summary>What Mapping remembers of the HubSpot account behind a subscription.</summary>
public sealed class Account : IVersioned
{
    public required Guid SubscriptionId { get; set; }

    /// <summary>ISO 4217 codes; empty while they are not known.</summary>
    public List<string> Currencies { get; set; } = [];

    public int Version { get; set; }
}

/// <summary>One mapping collection of a subscription.</summary>
public sealed class StoredCollection : IVersioned
{
    public required Guid SubscriptionId { get; set; }

    public required CollectionKind Kind { get; set; }

    /// <summary>The mapping set that it was made from.</summary>
    public required string MappingSet { get; set; }

    /// <summary>The collection, see <see cref="MappingCollection.FromJson"/>.</summary>
    public required string Json { get; set; }

    public int Version { get; set; }
}

/// <summary>What the subscription's account said about one object type.</summary>
public sealed class StoredSchema : IVersioned
{
    public required Guid SubscriptionId { get; set; }

    public required string ObjectType { get; set; }

    /// <summary>The schema, see <see cref="Schema.ObjectSchema.FromJson"/>.</summary>
    public required string Json { get; set; }

    public int Version { get; set; }
}
