namespace HubSpotBus.Contracts.Connections;

/// <summary>What a HubSpot account can do, as found out when it was connected.</summary>
public sealed record AccountAbilities
{
    /// <summary>ISO 4217 codes, the account's own first.</summary>
    public IReadOnlyList<string> Currencies { get; init; } = [];

    /// <summary>Time zone of the account.</summary>
    public string? TimeZone { get; init; }

    /// <summary>STANDARD, DEVELOPER_TEST, SANDBOX or APP_DEVELOPER.</summary>
    public string? AccountType { get; init; }

    /// <summary>Scopes that were granted; null where HubSpot does not say.</summary>
    public string? Scopes { get; init; }

    /// <summary>Calls that HubSpot allows in ten seconds.</summary>
    public int? CallsPerTenSeconds { get; init; }

    /// <summary>Object types that records are written to.</summary>
    public IReadOnlyList<string> ObjectTypes { get; init; } = [];

    /// <summary>Object types on which the account does not keep our key property unique.</summary>
    public IReadOnlyList<string> KeysNotUnique { get; init; } = [];

    /// <summary>Internal name of the company property that stands for the customer category; null where none is named or found.</summary>
    public string? CompanyCategoryProperty { get; init; }

    /// <summary>Internal name of the contact property that stands for the customer category; null where none is named or found.</summary>
    public string? ContactCategoryProperty { get; init; }

    /// <summary>What stands against a category property that the settings name, and what to do; null when nothing does.</summary>
    public string? CategoryProblem { get; init; }
}
