namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact: the category properties that the settings name were looked for.</summary>
public sealed record CategoriesResolved
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>Internal name of the category property of companies; null where none is named or found.</summary>
    public string? CompanyProperty { get; init; }

    /// <summary>Internal name of the category property of contacts; null where none is named or found.</summary>
    public string? ContactProperty { get; init; }

    /// <summary>What stands against a property that is named, and what to do; null when nothing does.</summary>
    public string? Problem { get; init; }
}
