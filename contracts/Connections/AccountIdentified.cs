namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact: the HubSpot account behind the connection is known.</summary>
public sealed record AccountIdentified
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>Id of the HubSpot account (portal).</summary>
    public required long HubSpotAccountId { get; init; }

    /// <summary>ISO 4217 code of the account.</summary>
    public string? Currency { get; init; }

    /// <summary>ISO 4217 codes of the account's further currencies.</summary>
    public IReadOnlyList<string> AdditionalCurrencies { get; init; } = [];

    /// <summary>IANA or US time zone name of the account.</summary>
    public string? TimeZone { get; init; }
}
