namespace HubSpotBus.Contracts.Records;

/// <summary>A customer of the hub: a person, perhaps of a company.</summary>
public sealed record CustomerRecord
{
    /// <summary>The caller's own id, unique among the tenant's customers.</summary>
    public required string Id { get; init; }

    /// <summary>Number shown to people.</summary>
    public string? CustomerNumber { get; init; }

    /// <summary>First name.</summary>
    public string? FirstName { get; init; }

    /// <summary>Last name.</summary>
    public string? LastName { get; init; }

    /// <summary>E-mail address.</summary>
    public string? Email { get; init; }

    /// <summary>Telephone number.</summary>
    public string? Phone { get; init; }

    /// <summary>Fax number.</summary>
    public string? Fax { get; init; }

    /// <summary>Job title.</summary>
    public string? JobTitle { get; init; }

    /// <summary>Id of the customer's company (<see cref="CompanyRecord.Id"/>).</summary>
    public string? CompanyId { get; init; }

    /// <summary>Customer category, by its name. Kept with the record; nothing is written to HubSpot from it yet.</summary>
    public string? Category { get; init; }

    /// <summary>Primary shipping or billing address.</summary>
    public AddressRecord? Address { get; init; }
}
