using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HubSpotBus.HubSpot.Links;

/// <summary>The tie of a hub record to its HubSpot record. A row without a HubSpot id is an open write intent.</summary>
public sealed class Link
{
    /// <summary>The subscription.</summary>
    public Guid SubscriptionId { get; set; }

    /// <summary>HubSpot object type.</summary>
    public required string ObjectType { get; set; }

    /// <summary>Hub id.</summary>
    public required string HubId { get; set; }

    /// <summary>Hub id of the record that it is a part of, as a line is of its transaction.</summary>
    public string? PartOf { get; set; }

    /// <summary>HubSpot id; null while the create is under way, or was begun and never heard of again.</summary>
    public string? HubSpotId { get; set; }

    /// <summary>Newest hub version that HubSpot is known to stand for; an older one is never written.</summary>
    public long HubVersion { get; set; }

    /// <summary>Hash of what was written last; marked where it is not known whether HubSpot has it.</summary>
    public string? ContentHash { get; set; }

    /// <summary>True when the HubSpot record is another hub's, or stands for another of ours since a merge: it is referred to and never written.</summary>
    public bool Shared { get; set; }

    /// <summary>Hash of the associations written last.</summary>
    public string? AssociationsHash { get; set; }

    /// <summary>The records that it was associated with last, such as <c>contacts/5 companies/7</c>; null where it never had any.</summary>
    public string? AssociatedWith { get; set; }

    /// <summary>When the write that is under way, or was never heard of again, was sent at the latest; HubSpot may carry it out a while after.</summary>
    public DateTimeOffset? BegunAt { get; set; }

    /// <summary>Who creates the record now, until <see cref="ClaimedUntil"/>.</summary>
    public Guid? ClaimedBy { get; set; }

    /// <summary>When the claim lapses.</summary>
    public DateTimeOffset? ClaimedUntil { get; set; }

    /// <summary>When it was written last.</summary>
    public DateTimeOffset? WrittenAt { get; set; }

    internal static string Doubtful(LinkedRecord record) => "?" + record.ContentHash();

    /// <summary>The records of <see cref="AssociatedWith"/>.</summary>
    internal IEnumerable<string> With() => (AssociatedWith ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Maps links in a service's store.</summary>
public static class LinkMapping
{
    /// <summary>Key and concurrency token of a link.</summary>
    public static void MapLink(this EntityTypeBuilder<Link> link)
    {
        link.HasKey(l => new { l.SubscriptionId, l.ObjectType, l.HubId });

        link.HasIndex(l => new { l.SubscriptionId, l.ObjectType, l.PartOf });

        link.HasIndex(l => new { l.SubscriptionId, l.ObjectType, l.HubSpotId });

        // Two that take over the same lapsed claim: the second finds it changed.
        link.Property(l => l.ClaimedBy).IsConcurrencyToken();
    }
}
