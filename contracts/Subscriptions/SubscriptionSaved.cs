namespace HubSpotBus.Contracts.Subscriptions;

/// <summary>Fact: the hub saved a subscription and its settings. Sent whole, so that the newest one says all.</summary>
public sealed record SubscriptionSaved
{
    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>The company (tenant) that it belongs to.</summary>
    public required Guid CompanyId { get; init; }

    /// <summary>Grows with every save; an older one is ignored.</summary>
    public required long Revision { get; init; }

    /// <summary>Name, unique within the company.</summary>
    public required string Name { get; init; }

    /// <summary>Part of every key value that is written to HubSpot; fixed when subscribed.</summary>
    public required string HubKey { get; init; }

    /// <summary>HubSpot API version of the integration version chosen, such as 2026-09.</summary>
    public required string HubSpotApiVersion { get; init; }

    /// <summary>Address of HubSpot's API, such as https://api.hubapi.com.</summary>
    public required Uri ApiUrl { get; init; }

    /// <summary>API Throttle Limit: calls per <see cref="ThrottleSeconds"/>.</summary>
    public required int ThrottleLimit { get; init; }

    /// <summary>API Throttle Seconds: length of the sliding window, 1 to 60.</summary>
    public required int ThrottleSeconds { get; init; }

    /// <summary>Calls at one moment, 1 to 10.</summary>
    public required int ConcurrentConnections { get; init; }

    /// <summary>Batch executions at one moment, 1 to 10.</summary>
    public required int ConcurrentBatchExecutions { get; init; }

    /// <summary>Settings that decide how records are written.</summary>
    public required TransferSettings Transfers { get; init; }

    /// <summary>Company Category Field Name: label of the company property that stands for the customer category; null for none.</summary>
    public string? CompanyCategoryFieldName { get; init; }

    /// <summary>Contact Category Field Name: label of the contact property that stands for the customer category; null for none.</summary>
    public string? ContactCategoryFieldName { get; init; }
}
