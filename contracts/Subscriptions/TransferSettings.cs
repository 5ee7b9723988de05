namespace HubSpotBus.Contracts.Subscriptions;

/// <summary>The settings of a subscription that decide how records are written to HubSpot.</summary>
public sealed record TransferSettings
{
    /// <summary>How records are tied to HubSpot's.</summary>
    public required LinkRules Links { get; init; }

    /// <summary>Name of the mapping set that the integration version fixes.</summary>
    public required string MappingSet { get; init; }

    /// <summary>Create Default Mappings: without it the subscription has only the mapping collections that somebody made for it.</summary>
    public bool CreateDefaultMappings { get; init; } = true;

    /// <summary>What a transaction becomes in HubSpot.</summary>
    public required TransactionTarget TransactionsBecome { get; init; }

    /// <summary>Transfer Products as a Prerequisite for Transactions.</summary>
    public required bool ProductsAsPrerequisite { get; init; }

    /// <summary>Guests Become Contacts: a guest's contact is found by e-mail or made; without it, a guest's transaction is parked.</summary>
    public bool GuestsBecomeContacts { get; init; } = true;

    /// <summary>Transfer Without Customer: a transaction of nobody goes without contact; without it, it is parked.</summary>
    public bool TransferWithoutCustomer { get; init; } = true;

    /// <summary>Totals Must Add Up: a transaction whose amounts do not make its total is parked; without it, the hub's total goes as it is.</summary>
    public bool TotalsMustAddUp { get; init; } = true;

    /// <summary>
    /// Stages of Statuses: a status, a type and a status (<c>Return/Refunded</c>) or a type (<c>Return/*</c>), and the stage of orders or
    /// deals that it means, by label or id. What is not named has the default of the mapping set.
    /// </summary>
    public IReadOnlyDictionary<string, string>? StagesOfStatuses { get; init; }
}
