using HubSpotBus.Contracts.Connections;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Subscriptions;

namespace HubSpotBus.Hub.Subscriptions;

/// <summary>A company's use of the integration with one HubSpot account.</summary>
public sealed class Subscription
{
    public Guid Id { get; set; }

    public Guid CompanyId { get; set; }

    public string Name { get; set; } = "";

    /// <summary>The name as it is compared: without case.</summary>
    public string NameKey { get; set; } = "";

    public string Version { get; set; } = "";

    public bool CreateDefaultMappings { get; set; } = true;

    public string ApiUrl { get; set; } = "";

    public string? CompanyCategoryFieldName { get; set; }

    public string? ContactCategoryFieldName { get; set; }

    public bool ProductsAsPrerequisite { get; set; }

    public TransactionTarget TransactionsBecome { get; set; }

    public RecordsOfOtherHubs RecordsOfOtherHubs { get; set; }

    public DeletedRecords DeletedRecords { get; set; }

    /// <summary>Types of transactions that transfer; the others are skipped.</summary>
    public List<string> TransactionTypes { get; set; } = [.. SubscriptionSettings.DefaultTransactionTypes];

    public bool GuestsBecomeContacts { get; set; } = true;

    public bool TransferWithoutCustomer { get; set; } = true;

    public bool TotalsMustAddUp { get; set; } = true;

    /// <summary>Stages that the operator chose for statuses; null for none.</summary>
    public Dictionary<string, string>? StagesOfStatuses { get; set; }

    public int ApiThrottleLimit { get; set; }

    public int ApiThrottleSeconds { get; set; }

    public int ConcurrentConnections { get; set; }

    public int ConcurrentBatchExecutions { get; set; }

    public bool FlowsCompanies { get; set; } = true;

    public bool FlowsCustomers { get; set; } = true;

    public bool FlowsProducts { get; set; } = true;

    public bool FlowsTransactions { get; set; } = true;

    /// <summary>Part of every key value in HubSpot; fixed when subscribed.</summary>
    public string HubKey { get; set; } = "";

    public long Revision { get; set; }

    public ConnectionState Connection { get; set; }

    public string? ConnectionReason { get; set; }

    public DateTimeOffset? PausedUntil { get; set; }

    /// <summary>Number of the last connect, as far as the hub has heard.</summary>
    public int Authorised { get; set; }

    /// <summary>Number of the last connect whose account was prepared to the end.</summary>
    public int Prepared { get; set; }

    /// <summary>Whether records may flow as soon as calls go through.</summary>
    public bool IsPrepared => HubSpotAccountId is not null && Prepared >= Authorised;

    public long? HubSpotAccountId { get; set; }

    /// <summary>What the HubSpot account can do; null until it was connected.</summary>
    public AccountAbilities? Account { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Since when it is gone for all but the batch executions that were under way.</summary>
    public DateTimeOffset? DeletedAt { get; set; }

    public bool Flows(DataType dataType) => dataType switch
    {
        DataType.Company => FlowsCompanies,
        DataType.Customer => FlowsCustomers,
        DataType.Product => FlowsProducts,
        _ => FlowsTransactions,
    };

    /// <summary>Whether transactions of this type transfer; case is ignored.</summary>
    public bool Transfers(string type) => TransactionTypes.Contains(type.Trim(), StringComparer.OrdinalIgnoreCase);

    public TransferSettings TransferSettings() => new()
    {
        Links = new LinkRules { HubKey = HubKey, RecordsOfOtherHubs = RecordsOfOtherHubs, DeletedRecords = DeletedRecords },
        MappingSet = IntegrationVersions.Of(Version)!.MappingSet,
        CreateDefaultMappings = CreateDefaultMappings,
        TransactionsBecome = TransactionsBecome,
        ProductsAsPrerequisite = ProductsAsPrerequisite,
        GuestsBecomeContacts = GuestsBecomeContacts,
        TransferWithoutCustomer = TransferWithoutCustomer,
        TotalsMustAddUp = TotalsMustAddUp,
        StagesOfStatuses = StagesOfStatuses,
    };

    public SubscriptionSaved Saved() => new()
    {
        SubscriptionId = Id,
        CompanyId = CompanyId,
        Revision = Revision,
        Name = Name,
        HubKey = HubKey,
        HubSpotApiVersion = IntegrationVersions.Of(Version)!.HubSpotApiVersion,
        ApiUrl = new Uri(ApiUrl),
        ThrottleLimit = ApiThrottleLimit,
        ThrottleSeconds = ApiThrottleSeconds,
        ConcurrentConnections = ConcurrentConnections,
        ConcurrentBatchExecutions = ConcurrentBatchExecutions,
        Transfers = TransferSettings(),
        CompanyCategoryFieldName = CompanyCategoryFieldName,
        ContactCategoryFieldName = ContactCategoryFieldName,
    };
}

public enum ConnectionState
{
    NotConnected,
    Connecting,
    Connected,
    Paused,
    Failed,
}
