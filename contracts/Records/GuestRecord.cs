namespace HubSpotBus.Contracts.Records;

/// <summary>Who placed a transaction without being a customer of the hub.</summary>
public sealed record GuestRecord
{
    /// <summary>E-mail address: in HubSpot the contact that has it, or a new one.</summary>
    public string? Email { get; init; }

    /// <summary>First name, for a new contact.</summary>
    public string? FirstName { get; init; }

    /// <summary>Last name, for a new contact.</summary>
    public string? LastName { get; init; }

    /// <summary>Telephone number, for a new contact.</summary>
    public string? Phone { get; init; }
}
