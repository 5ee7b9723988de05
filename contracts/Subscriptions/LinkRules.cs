namespace HubSpotBus.Contracts.Subscriptions;

/// <summary>How the records of a hub are tied to HubSpot's.</summary>
public sealed record LinkRules
{
    /// <summary>Part of every key value that is written to HubSpot; fixed when subscribed.</summary>
    public required string HubKey { get; init; }

    /// <summary>What happens when the HubSpot record found belongs to another hub.</summary>
    public RecordsOfOtherHubs RecordsOfOtherHubs { get; init; }

    /// <summary>What happens when a record was deleted in HubSpot.</summary>
    public DeletedRecords DeletedRecords { get; init; }
}

/// <summary>What happens with a company, contact or product in HubSpot that carries another hub's key.</summary>
public enum RecordsOfOtherHubs
{
    /// <summary>It is referred to, and never written.</summary>
    Share,

    /// <summary>The hub record is parked.</summary>
    Park,
}

/// <summary>What happens with a changed hub record whose HubSpot record somebody deleted.</summary>
public enum DeletedRecords
{
    /// <summary>It is created again.</summary>
    Recreate,

    /// <summary>The hub record is parked.</summary>
    Park,
}
