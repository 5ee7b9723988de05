using System.Text.Json;
using System.Text.Json.Serialization;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Transactions.Transferring;

/// <summary>What a batch execution has to write and what became of it so far; gone once the saga is done.</summary>
public sealed class TransactionBatch : IVersioned
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };
    private BatchWork? _work;

    public Guid BatchId { get; set; }

    public int Version { get; set; }

    public string WorkJson { get; set; } = "{}";

    /// <summary>Read it, change it, and call <see cref="KeepWork"/>.</summary>
    public BatchWork Work() => _work ??= JsonSerializer.Deserialize<BatchWork>(WorkJson, Json)!;

    public void KeepWork() => WorkJson = JsonSerializer.Serialize(Work(), Json);

    public static TransactionBatch Of(Guid batchId, BatchWork work)
    {
        var batch = new TransactionBatch { BatchId = batchId, _work = work };
        batch.KeepWork();
        return batch;
    }
}

/// <summary>The content of a <see cref="TransactionBatch"/>.</summary>
public sealed class BatchWork
{
    public required IReadOnlyList<RequestedTransaction> Requested { get; init; }

    public IReadOnlyList<MappedTransaction> Transactions { get; set; } = [];

    public IReadOnlyList<MappedCompany> Companies { get; set; } = [];

    public IReadOnlyList<MappedCustomer> Customers { get; set; } = [];

    public IReadOnlyList<MappedProduct> Products { get; set; } = [];

    /// <summary>HubSpot id of each company by hub id, once ensured.</summary>
    public IReadOnlyDictionary<string, string> CompanyIds { get; set; } = new Dictionary<string, string>();

    /// <summary>HubSpot id of each contact by hub id, once ensured.</summary>
    public IReadOnlyDictionary<string, string> CustomerIds { get; set; } = new Dictionary<string, string>();

    /// <summary>HubSpot id of each product by SKU, once ensured.</summary>
    public IReadOnlyDictionary<string, string> ProductIds { get; set; } = new Dictionary<string, string>();

    /// <summary>Problems of what the transactions refer to: "Customer/7", "Sku/11".</summary>
    public Dictionary<string, IReadOnlyList<Problem>> ReferenceProblems { get; init; } = [];

    /// <summary>Problems of the transactions themselves, by hub id: these are parked.</summary>
    public Dictionary<string, List<Problem>> Problems { get; init; } = [];

    /// <summary>HubSpot id of each order or deal by hub id, once there.</summary>
    public Dictionary<string, string> HubSpotIds { get; init; } = [];

    /// <summary>Hub ids of the transactions of which something was written.</summary>
    public HashSet<string> Written { get; init; } = [];

    /// <summary>Transactions that are still worth writing: mapped, and without a problem of their own.</summary>
    public IEnumerable<MappedTransaction> Writable() => Transactions.Where(t => !Problems.ContainsKey(t.Id));

    public void Park(string transactionId, IEnumerable<Problem> problems)
    {
        if (!Problems.TryGetValue(transactionId, out var known))
            Problems[transactionId] = known = [];
        known.AddRange(problems);
    }
}

/// <summary>A transaction that the hub asked for.</summary>
public sealed record RequestedTransaction(string Id, long Version, string TrackingId);
