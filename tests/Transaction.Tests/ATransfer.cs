using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Products;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Contracts.Transactions;

namespace HubSpotBus.Transactions.Tests;

/// <summary>Messages around transactions of customer C1 of company F1, each with one line of SKU-1.</summary>
internal static class ATransfer
{
    public static readonly Guid Subscription = new("aaaaaaaa-0000-0000-0000-000000000001");

    public static readonly TransferSettings Settings = new()
    {
        Links = new LinkRules { HubKey = "hub1" },
        MappingSet = "2026.1",
        TransactionsBecome = TransactionTarget.Order,
        ProductsAsPrerequisite = true,
    };

    public static Snapshot<TransactionRecord> Transaction(string id) => new()
    {
        Version = 1,
        TrackingId = $"track-{id}",
        Record = new TransactionRecord { Id = id, CustomerId = "C1", Lines = [new LineRecord { Id = "1", Sku = "SKU-1", Quantity = 1, UnitPrice = 2 }] },
    };

    public static TransferTransactions Of(Guid batch, params Snapshot<TransactionRecord>[] transactions) => new()
    {
        BatchId = batch,
        SubscriptionId = Subscription,
        Settings = Settings,
        Backfill = false,
        Transactions = transactions,
    };

    public static MappedTransaction MappedTransaction(string id, long version = 1, string total = "2", params MappedLine[] lines) => new()
    {
        Id = id,
        Version = version,
        TrackingId = $"track-{id}",
        CustomerId = "C1",
        CompanyId = "F1",
        Properties = new Dictionary<string, string> { ["hs_order_name"] = id, ["hs_total_price"] = total },
        Lines = lines.Length > 0 ? lines : [Line("1")],
    };

    public static MappedTransaction MappedDeal(string id, long version, string amount, params MappedLine[] lines) =>
        MappedTransaction(id, version, amount, lines) with
        {
            Properties = new Dictionary<string, string> { ["dealname"] = id, ["amount"] = amount, ["pipeline"] = "default", ["dealstage"] = "contractsent" },
        };

    public static MappedLine Line(string id, string quantity = "1", string sku = "SKU-1") => new()
    {
        Id = id,
        Sku = sku,
        Properties = new Dictionary<string, string> { ["name"] = $"Line {id}", ["quantity"] = quantity, ["price"] = "2" },
    };

    public static TransactionsMapped Mapped(Guid batch, params MappedTransaction[] transactions) => new()
    {
        BatchId = batch,
        SubscriptionId = Subscription,
        Settings = Settings,
        Transactions = transactions,
        Companies = [new MappedCompany { Id = "F1", Version = 1, TrackingId = "track-F1", Properties = new Dictionary<string, string> { ["name"] = "Firm" } }],
        Customers = [new MappedCustomer { Id = "C1", Version = 1, TrackingId = "track-C1", CompanyId = "F1", Properties = new Dictionary<string, string> { ["lastname"] = "Smith" } }],
        Products = [new MappedProduct { Id = "P1", Sku = "SKU-1", Version = 1, TrackingId = "track-P1", Properties = new Dictionary<string, string> { ["name"] = "Thing" } }],
        Rejected = [],
    };

    public static CustomersEnsured CustomersEnsured(Guid batch, int attempt = 1, string contact = "501", string company = "601") => new()
    {
        BatchId = batch,
        SubscriptionId = Subscription,
        Attempt = attempt,
        Companies = new Dictionary<string, string> { ["F1"] = company },
        Customers = new Dictionary<string, string> { ["C1"] = contact },
        Rejected = [],
    };

    public static ProductsEnsured ProductsEnsured(Guid batch, int attempt = 1, string product = "701") => new()
    {
        BatchId = batch,
        SubscriptionId = Subscription,
        Attempt = attempt,
        Products = new Dictionary<string, string> { ["SKU-1"] = product },
        Missing = [],
    };
}
