namespace HubSpotBus.Contracts.Mappings;

/// <summary>A transaction translated into a HubSpot order or deal.</summary>
public sealed record MappedTransaction
{
    /// <summary>Hub id.</summary>
    public required string Id { get; init; }

    /// <summary>Hub version.</summary>
    public required long Version { get; init; }

    /// <summary>Follows the record through all services.</summary>
    public required string TrackingId { get; init; }

    /// <summary>HubSpot properties and values, without our key property.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>Hub id of the customer to link.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Hub id of the company to link.</summary>
    public string? CompanyId { get; init; }

    /// <summary>The lines, in order.</summary>
    public required IReadOnlyList<MappedLine> Lines { get; init; }
}
