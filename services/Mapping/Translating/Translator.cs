using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Mappings.Collections;

namespace HubSpotBus.Mappings.Translating;

/// <summary>Companies and customers translated, and those that cannot be.</summary>
public sealed record TranslatedCustomers(
    IReadOnlyList<MappedCompany> Companies, IReadOnlyList<MappedCustomer> Customers, IReadOnlyList<RejectedRecord> Rejected);

/// <summary>Products and variants translated, parents first, and the products that cannot be.</summary>
public sealed record TranslatedProducts(IReadOnlyList<MappedProduct> Products, IReadOnlyList<RejectedRecord> Rejected);

/// <summary>Transactions translated with their guests, and those that cannot be.</summary>
public sealed record TranslatedTransactions(
    IReadOnlyList<MappedTransaction> Transactions, IReadOnlyList<MappedCustomer> Guests, IReadOnlyList<RejectedRecord> Rejected);

/// <summary>
/// Hub records in, HubSpot properties and problems out: arithmetic, the same every time. Each record stands for itself, and one
/// that cannot be translated says everything that is wrong with it.
/// </summary>
public sealed class Translator(MappingSet set)
{
    public TranslatedCustomers Customers(
        IReadOnlyList<Snapshot<CompanyRecord>> companies, IReadOnlyList<Snapshot<CustomerRecord>> customers)
    {
        var rejected = new Rejections();
        var mappedCompanies = new List<MappedCompany>();
        foreach (var company in Newest(companies, c => c.Id))
        {
            var (properties, problems) = set.Translate(CollectionKind.Company, Fields.Company.Of(company.Record));
            if (rejected.Has(DataType.Company, company.Record.Id, problems))
                continue;
            mappedCompanies.Add(new MappedCompany
            {
                Id = company.Record.Id, Version = company.Version, TrackingId = company.TrackingId, Properties = properties,
            });
        }

        var mappedCustomers = new List<MappedCustomer>();
        foreach (var customer in Newest(customers, c => c.Id))
        {
            var (properties, problems) = set.Translate(CollectionKind.Customer, Fields.Customer.Of(customer.Record));
            var companyId = References.IdOrNone(customer.Record.CompanyId);
            var companyProblems = rejected.Of(DataType.Company, companyId, "companyId");
            if (rejected.Has(DataType.Customer, customer.Record.Id, [.. problems, .. companyProblems]))
                continue;
            mappedCustomers.Add(new MappedCustomer
            {
                Id = customer.Record.Id,
                Version = customer.Version,
                TrackingId = customer.TrackingId,
                Properties = properties,
                CompanyId = companyId,
            });
        }

        return new TranslatedCustomers(mappedCompanies, mappedCustomers, rejected.All);
    }

    /// <summary>A product goes with all its variants or not at all: a half one would leave lines without product, unnoticed.</summary>
    public TranslatedProducts Products(IReadOnlyList<Snapshot<ProductRecord>> products)
    {
        var rejected = new Rejections();
        var mapped = new List<MappedProduct>();
        foreach (var product in Newest(products, p => p.Id))
        {
            var record = product.Record;
            var (properties, found) = set.Translate(CollectionKind.Product, Fields.Product.Of(record));
            var problems = new List<Problem>([.. found, .. ProductChecks.Of(record)]);
            var family = new List<MappedProduct> { Mapped(product, record.Id, record.Sku, null, properties) };
            foreach (var variant in record.Variants)
            {
                var (own, wrong) = set.Translate(CollectionKind.Variant, Fields.Variant.Of(new VariantOf(variant, record)));
                problems.AddRange(wrong.Select(p => p.Within("Variant", variant.Id)));
                family.Add(Mapped(product, variant.Id, variant.Sku, record.Id, own));
            }

            if (!rejected.Has(DataType.Product, record.Id, problems))
                mapped.AddRange(family);
        }

        return new TranslatedProducts(mapped, rejected.All);
    }

    /// <summary>The customers and products are those of the same message, translated before.</summary>
    public TranslatedTransactions Transactions(
        TransferSettings settings, IReadOnlyList<Snapshot<TransactionRecord>> transactions, References references)
    {
        var rejected = new Rejections();
        var mapped = new List<MappedTransaction>();
        var guests = new Guests(set, settings);
        var header = settings.TransactionsBecome == TransactionTarget.Order ? CollectionKind.Order : CollectionKind.Deal;
        foreach (var transaction in Newest(transactions, t => t.Id))
        {
            var record = transaction.Record;
            var (properties, found) = set.Translate(header, Fields.Transaction.Of(record), settings.StagesOfStatuses);
            var lineProblems = LineChecks.Of(record.Lines).ToList();
            var problems = new List<Problem>([.. found, .. references.ProblemsOf(record), .. lineProblems]);
            if (settings.TotalsMustAddUp && lineProblems.Count == 0)
                problems.AddRange(Totals.ProblemsOf(record));
            if (found.All(p => p.Field != "currency"))
                problems.AddRange(CurrencyProblem(record.Currency));
            var guestId = guests.IdOf(transaction, problems);
            // A currency that is wrong in the header would be wrong again in every line.
            var currency = problems.Any(p => p.Field == "currency") ? null : record.Currency;
            var lines = new List<MappedLine>();
            foreach (var line in record.Lines)
            {
                var source = new LineOf(line, currency, references.NameOf(line.Sku));
                var (own, wrong) = set.Translate(CollectionKind.Line, Fields.Line.Of(source));
                problems.AddRange(wrong.Select(p => p.Within("Line", line.Id)));
                lines.Add(new MappedLine { Id = line.Id, Sku = line.Sku, Properties = own });
            }

            if (rejected.Has(DataType.Transaction, record.Id, problems))
                continue;
            mapped.Add(new MappedTransaction
            {
                Id = record.Id,
                Version = transaction.Version,
                TrackingId = transaction.TrackingId,
                Properties = properties,
                CustomerId = References.IdOrNone(record.CustomerId) ?? guestId,
                CompanyId = references.CompanyOf(record),
                Lines = lines,
            });
        }

        return new TranslatedTransactions(mapped, guests.All, rejected.All);
    }

    private IEnumerable<Problem> CurrencyProblem(string? currency)
    {
        if (currency?.Trim() is { Length: > 0 } code && set.Currencies.Count > 0 && !set.Currencies.Contains(code, StringComparer.OrdinalIgnoreCase))
            yield return Problems.Of("currency", code, PropertyCheck.CurrencyNotEnabled(code, "currency"));
    }

    private static MappedProduct Mapped(
        Snapshot<ProductRecord> product, string id, string sku, string? parentId, IReadOnlyDictionary<string, string> properties) => new()
    {
        Id = id, Sku = sku, ParentId = parentId, Version = product.Version, TrackingId = product.TrackingId, Properties = properties,
    };

    // A record that comes twice in a message goes once, in the newest version, where it came first.
    private static IEnumerable<Snapshot<TRecord>> Newest<TRecord>(IEnumerable<Snapshot<TRecord>> snapshots, Func<TRecord, string> id)
        where TRecord : class => snapshots.GroupBy(s => id(s.Record), StringComparer.Ordinal).Select(same => same.MaxBy(s => s.Version)!);
}
