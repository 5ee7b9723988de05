namespace HubSpotBus.Auth.Egress;

/// <summary>The lanes in which calls wait. The number is the lane's share where every lane has callers waiting.</summary>
public enum Lane
{
    /// <summary>Records somebody waits for.</summary>
    Live = 70,

    /// <summary>Records that failed before.</summary>
    Retry = 20,

    /// <summary>Bulk uploads and first loads.</summary>
    Backfill = 10,

    /// <summary>Token calls: the others cannot go without them, so they go first. They are few.</summary>
    Token = 0,
}
