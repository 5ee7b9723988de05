namespace HubSpotBus.Contracts.Records;

/// <summary>A hub record as it was when its batch execution was planned.</summary>
/// <typeparam name="TRecord">One of the hub record types of this folder.</typeparam>
public sealed record Snapshot<TRecord>
    where TRecord : class
{
    /// <summary>The record's version in the hub; grows with every change. An older version is never written over a newer one.</summary>
    public required long Version { get; init; }

    /// <summary>Follows the record through all services and logs; given by the caller of the API or made for the request.</summary>
    public required string TrackingId { get; init; }

    /// <summary>The record itself.</summary>
    public required TRecord Record { get; init; }
}
