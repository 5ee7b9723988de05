using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Mappings.Collections;

namespace HubSpotBus.Mappings.Translating;

/// <summary>What the transactions of a message refer to: the companies, customers and products that came with them.</summary>
public sealed class References
{
    private readonly Dictionary<string, CustomerRecord> _customers;
    private readonly HashSet<string> _companies;
    private readonly IReadOnlyList<RejectedRecord> _rejected;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public References(
        IReadOnlyList<Snapshot<CompanyRecord>> companies, IReadOnlyList<Snapshot<CustomerRecord>> customers,
        TranslatedCustomers translated, TranslatedProducts products)
    {
        _companies = companies.Select(c => c.Record.Id).ToHashSet(StringComparer.Ordinal);
        _customers = customers.GroupBy(c => c.Record.Id, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.MaxBy(c => c.Version)!.Record, StringComparer.Ordinal);
        _rejected = translated.Rejected;
        foreach (var product in products.Products)
        {
            if (product.Properties.TryGetValue("name", out var name))
                _names.TryAdd(product.Sku, name);
        }
    }

    /// <summary>The name of the product or variant of a SKU, where it came along.</summary>
    public string? NameOf(string sku) => sku is not null && _names.TryGetValue(sku, out var name) ? name : null;

    /// <summary>The transaction's company, or its customer's.</summary>
    public string? CompanyOf(TransactionRecord transaction) =>
        IdOrNone(transaction.CompanyId) ?? IdOrNone(CustomerOf(transaction)?.CompanyId);

    internal IEnumerable<Problem> ProblemsOf(TransactionRecord transaction)
    {
        var customerId = IdOrNone(transaction.CustomerId);
        if (customerId is not null && CustomerOf(transaction) is null)
            yield return Missing("customerId", "customer", customerId);
        foreach (var problem in Rejections.Of(_rejected, DataType.Customer, customerId, "customerId"))
            yield return problem;

        var companyId = CompanyOf(transaction);
        if (companyId is not null && !_companies.Contains(companyId))
            yield return Missing("companyId", "company", companyId);
        foreach (var problem in Rejections.Of(_rejected, DataType.Company, companyId, "companyId"))
            yield return problem;
    }

    internal static string? IdOrNone(string? id) => string.IsNullOrWhiteSpace(id) ? null : id;

    private CustomerRecord? CustomerOf(TransactionRecord transaction) =>
        IdOrNone(transaction.CustomerId) is { } id ? _customers.GetValueOrDefault(id) : null;

    private static Problem Missing(string field, string what, string id) =>
        Problems.Of(field, id, $"The hub has no {what} '{Problems.Shown(id)}'. Add it to the hub, or correct {field} of the transaction.");
}
