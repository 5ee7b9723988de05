using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Hub.Access;

namespace HubSpotBus.Hub.Subscriptions;

/// <summary>The settings of a subscription, as an operator enters them.</summary>
public sealed record SubscriptionSettings
{
    private const int MaxLabel = 200;
    private const int MaxTypes = 20;
    private const int MaxStages = 100;

    internal static readonly IReadOnlyList<string> DefaultTransactionTypes = ["Order"];

    /// <summary>Unique within the company. Recommended: [Product] - [Environment/Purpose], such as "HubSpot - Release".</summary>
    public string Name { get; init; } = "";

    /// <summary>One of GET /api/versions.</summary>
    public string Version { get; init; } = "2026.1";

    /// <summary>Create the default mappings (recommended).</summary>
    public bool CreateDefaultMappings { get; init; } = true;

    /// <summary>Accepted and never sent: HubSpot is reached by OAuth.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Address of HubSpot's API.</summary>
    public string ApiUrl { get; init; } = "https://api.hubapi.com";

    /// <summary>
    /// Label of the company property that stands for the customer category: a dropdown that HubSpot has already; empty for none. Looked for when
    /// connecting and probing.
    /// </summary>
    public string? CompanyCategoryFieldName { get; init; }

    /// <summary>
    /// Label of the contact property that stands for the customer category: a dropdown that HubSpot has already; empty for none. Looked for when
    /// connecting and probing.
    /// </summary>
    public string? ContactCategoryFieldName { get; init; }

    /// <summary>Transfer Products as a Prerequisite for Transactions; null (empty) is false.</summary>
    public bool? TransferProductsAsPrerequisite { get; init; } = true;

    /// <summary>What a transaction becomes: Order or Deal.</summary>
    public TransactionTarget TransactionsBecome { get; init; } = TransactionTarget.Order;

    /// <summary>A company, contact or product in HubSpot that belongs to another hub: Share (referred to, never written) or Park.</summary>
    public RecordsOfOtherHubs RecordsOfOtherHubs { get; init; }

    /// <summary>A changed record that somebody deleted in HubSpot: Recreate or Park.</summary>
    public DeletedRecords DeletedRecords { get; init; }

    /// <summary>Transaction Types: those that transfer, such as Order, Invoice, Quote, Return, CreditMemo; case is ignored. Others are skipped.</summary>
    public IReadOnlyList<string> TransactionTypes { get; init; } = DefaultTransactionTypes;

    /// <summary>Guests Become Contacts: found by e-mail or made. Off: a guest's transaction is parked.</summary>
    public bool GuestsBecomeContacts { get; init; } = true;

    /// <summary>Transfer Without Customer: a transaction of nobody goes without contact. Off: it is parked.</summary>
    public bool TransferWithoutCustomer { get; init; } = true;

    /// <summary>Totals Must Add Up: a transaction whose amounts do not make its total is parked. Off: its total goes as it is.</summary>
    public bool TotalsMustAddUp { get; init; } = true;

    /// <summary>
    /// Stages of Statuses: a status, a type and a status (<c>Return/Refunded</c>) or a type (<c>Return/*</c>), and the stage of orders or
    /// deals that it means, by label or id; case is ignored. What is not named keeps the default. It counts for transfers from now on.
    /// </summary>
    public IReadOnlyDictionary<string, string> StagesOfStatuses { get; init; } = new Dictionary<string, string>();

    /// <summary>API Throttle Limit: calls per API Throttle Seconds. Recommended: 5 at first, then 500.</summary>
    public int ApiThrottleLimit { get; init; } = 500;

    /// <summary>API Throttle Seconds: 1 to 60.</summary>
    public int ApiThrottleSeconds { get; init; } = 60;

    /// <summary>Concurrent Connections: 1 to 10.</summary>
    public int ConcurrentConnections { get; init; } = 5;

    /// <summary>Concurrent Batch Executions: 1 to 10.</summary>
    public int ConcurrentBatchExecutions { get; init; } = 5;

    /// <summary>Which records flow by themselves when they change.</summary>
    public DataFlow DataFlow { get; init; } = new();

    internal void Check(Errors errors)
    {
        errors.Check(Name.Trim().Length is >= 1 and <= 200, "name", "1 to 200 characters, unique within the company.");
        errors.Check(IntegrationVersions.Of(Version) is not null, "version",
            $"One of {string.Join(", ", IntegrationVersions.Released.Select(v => v.Version))}.");
        errors.Check(Uri.TryCreate(ApiUrl, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && url.PathAndQuery == "/", "apiUrl",
            "An http(s) address without a path, such as https://api.hubapi.com.");
        errors.Check((CompanyCategoryFieldName ?? "").Length <= MaxLabel, "companyCategoryFieldName", $"At most {MaxLabel} characters, or empty.");
        errors.Check((ContactCategoryFieldName ?? "").Length <= MaxLabel, "contactCategoryFieldName", $"At most {MaxLabel} characters, or empty.");
        errors.Check(TransactionTypes.Count is >= 1 and <= MaxTypes && TransactionTypes.All(t => t?.Trim().Length is >= 1 and <= 50), "transactionTypes",
            $"1 to {MaxTypes} names of 1 to 50 characters; default {string.Join(", ", DefaultTransactionTypes)}.");
        errors.Check(
            StagesOfStatuses.Count <= MaxStages && StagesOfStatuses.Keys.Select(k => k.Trim()).Distinct().Count() == StagesOfStatuses.Count
                && StagesOfStatuses.All(s => s.Key.Trim().Length is >= 1 and <= 100 && s.Value?.Trim().Length is >= 1 and <= 200),
            "stagesOfStatuses", $"At most {MaxStages} different statuses (or type/status, or type/*) of 1 to 100 characters, each with a stage of 1 to 200.");
        errors.Check(ApiThrottleLimit is >= 1 and <= 10_000, "apiThrottleLimit", "1 to 10000; recommended 5 at first, then 500.");
        errors.Check(ApiThrottleSeconds is >= 1 and <= 60, "apiThrottleSeconds", "1 to 60; default 60.");
        errors.Check(ConcurrentConnections is >= 1 and <= 10, "concurrentConnections", "1 to 10; default 5.");
        errors.Check(ConcurrentBatchExecutions is >= 1 and <= 10, "concurrentBatchExecutions", "1 to 10; default 5.");
    }

    internal void ApplyTo(Subscription subscription)
    {
        subscription.Name = Name.Trim();
        subscription.NameKey = Name.Trim().ToUpperInvariant();
        subscription.Version = Version;
        subscription.CreateDefaultMappings = CreateDefaultMappings;
        subscription.ApiUrl = ApiUrl.TrimEnd('/');
        subscription.CompanyCategoryFieldName = Label(CompanyCategoryFieldName);
        subscription.ContactCategoryFieldName = Label(ContactCategoryFieldName);
        subscription.ProductsAsPrerequisite = TransferProductsAsPrerequisite ?? false;
        subscription.TransactionsBecome = TransactionsBecome;
        subscription.RecordsOfOtherHubs = RecordsOfOtherHubs;
        subscription.DeletedRecords = DeletedRecords;
        subscription.TransactionTypes = [.. TransactionTypes.Select(t => t.Trim()).Distinct(StringComparer.OrdinalIgnoreCase)];
        subscription.GuestsBecomeContacts = GuestsBecomeContacts;
        subscription.TransferWithoutCustomer = TransferWithoutCustomer;
        subscription.TotalsMustAddUp = TotalsMustAddUp;
        subscription.StagesOfStatuses = StagesOfStatuses.Count == 0 ? null : StagesOfStatuses.ToDictionary(s => s.Key.Trim(), s => s.Value.Trim());
        subscription.ApiThrottleLimit = ApiThrottleLimit;
        subscription.ApiThrottleSeconds = ApiThrottleSeconds;
        subscription.ConcurrentConnections = ConcurrentConnections;
        subscription.ConcurrentBatchExecutions = ConcurrentBatchExecutions;
        subscription.FlowsCompanies = DataFlow.Companies;
        subscription.FlowsCustomers = DataFlow.Customers;
        subscription.FlowsProducts = DataFlow.Products;
        subscription.FlowsTransactions = DataFlow.Transactions;
        subscription.Revision++;
    }

    private static string? Label(string? given) => given?.Trim() is { Length: > 0 } label ? label : null;
}

/// <summary>Data-flow triggers: a changed record of a type that is on is transferred by itself.</summary>
public sealed record DataFlow
{
    /// <summary>Companies.</summary>
    public bool Companies { get; init; } = true;

    /// <summary>Customers.</summary>
    public bool Customers { get; init; } = true;

    /// <summary>Products.</summary>
    public bool Products { get; init; } = true;

    /// <summary>Transactions.</summary>
    public bool Transactions { get; init; } = true;
}
