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

    // What BegunAt was before the write that is under way.
    private DateTimeOffset? _earlier;

    /// <summary>The records of <see cref="AssociatedWith"/>.</summary>
    internal IEnumerable<string> With() => (AssociatedWith ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// To be stored before the write is sent: from then on it is not known how much of it HubSpot has, or will have. Whatever comes next is
    /// written, also by another process, and a newer version waits until this one must be over.
    /// </summary>
    internal Link Begin(LinkedRecord record, DateTimeOffset now)
    {
        (_earlier, BegunAt) = (SentAtLatest(now), now + LinkedWriter.WaitForPermit);
        ContentHash = Doubtful(record);
        if (AssociationsHash != record.AssociationsHash())
            (AssociationsHash, AssociatedWith) = (null, string.Join(' ', With().Union(record.With())));
        return this;
    }

    /// <summary>Nothing more is sent.</summary>
    /// <param name="now">The time.</param>
    /// <param name="mayCome">HubSpot may carry it out yet, once more or for the first time.</param>
    internal void End(DateTimeOffset now, bool mayCome) => BegunAt = mayCome ? now : _earlier;

    /// <summary>When the last write that HubSpot may not be over with was sent. One that was begun and not ended has nobody who would send it any more.</summary>
    internal DateTimeOffset? SentAtLatest(DateTimeOffset now) => BegunAt > now ? now : BegunAt;

    /// <summary>The write that was begun last was of another version than this.</summary>
    internal bool IsOlderThan(LinkedRecord record) => ContentHash != Doubtful(record);

    private static string Doubtful(LinkedRecord record) => "?" + record.ContentHash();
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
