using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Hub.Access;

namespace HubSpotBus.Hub.Records;

/// <summary>A record that was read and found in order, ready to be saved.</summary>
internal sealed record IncomingRecord(string Id, string Json, IReadOnlyList<string> Skus, IReadOnlyList<string> References, int Lines, string TransactionType);

/// <summary>What the hub has to know of each data type: its name in the API, how it is read and checked, and what it refers to.</summary>
internal abstract class RecordKind(DataType dataType, string name)
{
    private static readonly RecordKind[] All =
    [
        new Kind<CompanyRecord>(DataType.Company, "companies", RecordChecks.Check, r => r.Id),
        new Kind<CustomerRecord>(DataType.Customer, "customers", RecordChecks.Check, r => r.Id, r => References.Of(r)),
        new Kind<ProductRecord>(DataType.Product, "products", RecordChecks.Check, r => r.Id, skus: r => [r.Sku, .. r.Variants.Select(v => v.Sku)]),
        new Kind<TransactionRecord>(DataType.Transaction, "transactions", RecordChecks.Check, r => r.Id, r => References.Of(r), lines: r => r.Lines.Count, type: r => r.Type),
    ];

    public DataType DataType => dataType;

    public string Name => name;

    public static IEnumerable<string> Names => All.Select(k => k.Name);

    public static RecordKind? Of(string name) => Array.Find(All, k => k.Name == name);

    public static RecordKind Of(DataType dataType) => Array.Find(All, k => k.DataType == dataType)!;

    /// <summary>Reads and checks a record; null with all its errors told.</summary>
    public abstract IncomingRecord? Read(string json, Errors errors);

    /// <summary>How records are kept: what is not set takes no room.</summary>
    public static JsonSerializerOptions Stored { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private sealed class Kind<TRecord>(
        DataType dataType, string name, Action<TRecord, Errors> check, Func<TRecord, string> id,
        Func<TRecord, IEnumerable<string>>? references = null, Func<TRecord, IEnumerable<string>>? skus = null, Func<TRecord, int>? lines = null,
        Func<TRecord, string>? type = null)
        : RecordKind(dataType, name)
        where TRecord : class
    {
        public override IncomingRecord? Read(string json, Errors errors)
        {
            if (JsonBody.Read<TRecord>(json, errors) is not { } record)
                return null;
            check(record, errors);
            return errors.Any
                ? null
                : new IncomingRecord(id(record), JsonSerializer.Serialize(record, Stored), [.. skus?.Invoke(record) ?? []],
                    [.. (references?.Invoke(record) ?? []).Distinct()], lines?.Invoke(record) ?? 0, type?.Invoke(record) ?? "");
        }
    }
}

/// <summary>References of records to others: "Company/7", "Customer/7", "Sku/AB-1".</summary>
internal static class References
{
    public const string SkuPrefix = "Sku/";

    public static string To(DataType dataType, string id) => $"{dataType}/{id}";

    public static IEnumerable<string> Of(CustomerRecord customer)
    {
        if (customer.CompanyId is { } company)
            yield return To(DataType.Company, company);
    }

    public static IEnumerable<string> Of(TransactionRecord transaction)
    {
        if (transaction.CompanyId is { } company)
            yield return To(DataType.Company, company);
        if (transaction.CustomerId is { } customer)
            yield return To(DataType.Customer, customer);
        foreach (var line in transaction.Lines)
            yield return SkuPrefix + line.Sku;
    }
}
