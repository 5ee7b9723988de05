namespace HubSpotBus.Contracts.Records;

/// <summary>A customer company of the hub.</summary>
public sealed record CompanyRecord
{
    /// <summary>The caller's own id, unique among the tenant's companies.</summary>
    public required string Id { get; init; }

    /// <summary>Name; required by HubSpot unless <see cref="Url"/> gives a domain.</summary>
    public string? Name { get; init; }

    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary>Telephone number.</summary>
    public string? Phone { get; init; }

    /// <summary>Fax number.</summary>
    public string? Fax { get; init; }

    /// <summary>E-mail address of the company.</summary>
    public string? Email { get; init; }

    /// <summary>Web site.</summary>
    public string? Url { get; init; }

    /// <summary>Account number in the source.</summary>
    public string? AccountNumber { get; init; }

    /// <summary>Customer category, by its name. Kept with the record; nothing is written to HubSpot from it yet.</summary>
    public string? Category { get; init; }

    /// <summary>Primary billing address.</summary>
    public AddressRecord? Address { get; init; }
}
