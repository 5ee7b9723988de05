using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.HubSpot.Adoption;

/// <summary>One value by which a record that HubSpot already had can be recognised; a record has one row for each.</summary>
public sealed class KnownRecord
{
    /// <summary>Id of the row.</summary>
    public long Id { get; set; }

    /// <summary>The subscription.</summary>
    public Guid SubscriptionId { get; set; }

    /// <summary>HubSpot object type.</summary>
    public required string ObjectType { get; set; }

    /// <summary>HubSpot id.</summary>
    public required string HubSpotId { get; set; }

    /// <summary>The value with its kind in front, see <see cref="Recognition"/>.</summary>
    public required string Value { get; set; }

    /// <summary>Value of our key property, this hub's or another's; null when it has none.</summary>
    public string? Key { get; set; }

    /// <summary>What people call the record.</summary>
    public required string Label { get; set; }
}

/// <summary>What is known of an object type of a subscription's account.</summary>
public sealed class KnownObjectType
{
    /// <summary>The subscription.</summary>
    public Guid SubscriptionId { get; set; }

    /// <summary>HubSpot object type.</summary>
    public required string ObjectType { get; set; }

    /// <summary>False when the account refused to keep our key property unique: a create whose answer is lost cannot be repeated by key.</summary>
    public bool KeyIsUnique { get; set; } = true;

    /// <summary>Where the next listing goes on: records from this HubSpot id on are not known yet.</summary>
    public string? ListFrom { get; set; }

    /// <summary>Pages listed so far.</summary>
    public int Pages { get; set; }

    /// <summary>
    /// True after a restore where our key is not unique: HubSpot may have records that these rows know nothing of, so the next connecting, or
    /// whoever creates one before it, lists the type once more. Set by build/restored.sql and in the backups of Standalone.
    /// </summary>
    public bool ListAgain { get; set; }
}

/// <summary>Which account the links of a subscription are about.</summary>
public sealed class KnownAccount
{
    /// <summary>The subscription.</summary>
    public Guid SubscriptionId { get; set; }

    /// <summary>The connect that moved the subscription to the account; 0 when it never moved.</summary>
    public int LinksSince { get; set; }
}

/// <summary>Maps what is known of an account in a service's store.</summary>
public static class AdoptionMapping
{
    /// <summary>Adds the tables.</summary>
    public static void MapAdoption(this ModelBuilder model)
    {
        model.Entity<KnownRecord>(row =>
        {
            row.HasIndex(r => new { r.SubscriptionId, r.ObjectType, r.Value });
            row.HasIndex(r => new { r.SubscriptionId, r.ObjectType, r.HubSpotId });
        });
        model.Entity<KnownObjectType>().HasKey(t => new { t.SubscriptionId, t.ObjectType });
        model.Entity<KnownAccount>().HasKey(a => a.SubscriptionId);
    }
}
