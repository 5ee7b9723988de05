namespace HubSpotBus.Contracts.Records;

/// <summary>A postal address. Every part may be missing.</summary>
public sealed record AddressRecord
{
    /// <summary>First name of the addressee.</summary>
    public string? FirstName { get; init; }

    /// <summary>Last name of the addressee, or the whole name where it is not known apart.</summary>
    public string? LastName { get; init; }

    /// <summary>Company of the addressee.</summary>
    public string? Company { get; init; }

    /// <summary>Telephone number, as written by the source.</summary>
    public string? Phone { get; init; }

    /// <summary>Street and number.</summary>
    public string? Address1 { get; init; }

    /// <summary>Second address line.</summary>
    public string? Address2 { get; init; }

    /// <summary>City.</summary>
    public string? City { get; init; }

    /// <summary>State, province or region.</summary>
    public string? Region { get; init; }

    /// <summary>Postal code.</summary>
    public string? PostalCode { get; init; }

    /// <summary>Country, as name or ISO code.</summary>
    public string? Country { get; init; }
}
