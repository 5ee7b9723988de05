namespace HubSpotBus.Contracts.Mappings;

/// <summary>A company translated into a HubSpot company.</summary>
public sealed record MappedCompany
{
    /// <summary>Hub id.</summary>
    public required string Id { get; init; }

    /// <summary>Hub version.</summary>
    public required long Version { get; init; }

    /// <summary>Follows the record through all services.</summary>
    public required string TrackingId { get; init; }

    /// <summary>HubSpot properties and values, without our key property.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }
}
