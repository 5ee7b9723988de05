namespace HubSpotBus.Contracts.Mappings;

/// <summary>A customer translated into a HubSpot contact.</summary>
public sealed record MappedCustomer
{
    /// <summary>Hub id.</summary>
    public required string Id { get; init; }

    /// <summary>Hub version.</summary>
    public required long Version { get; init; }

    /// <summary>Follows the record through all services.</summary>
    public required string TrackingId { get; init; }

    /// <summary>HubSpot properties and values, without our key property.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>Hub id of the company that the contact belongs to.</summary>
    public string? CompanyId { get; init; }

    /// <summary>
    /// True for the guest of a transaction: the contact that has the e-mail address in HubSpot stays as it is, and only a new one gets the
    /// properties.
    /// </summary>
    public bool IsGuest { get; init; }
}
