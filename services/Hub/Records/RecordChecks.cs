using HubSpotBus.Contracts.Records;
using HubSpotBus.Hub.Access;

namespace HubSpotBus.Hub.Records;

/// <summary>What the hub takes. What HubSpot takes beyond that is Mapping's and HubSpot's to say. Pure.</summary>
internal static class RecordChecks
{
    private const int MaxId = 200;
    private const decimal MaxAmount = 1_000_000_000_000m;

    public static void Check(CompanyRecord company, Errors errors) => CheckId(company.Id, "id", errors);

    public static void Check(CustomerRecord customer, Errors errors)
    {
        CheckId(customer.Id, "id", errors);
        errors.Check(!customer.Id.StartsWith("guest:", StringComparison.Ordinal), "id", "Not beginning with \"guest:\", by which guests are known.");
        if (customer.CompanyId is { } company)
            CheckId(company, "companyId", errors);
    }

    public static void Check(ProductRecord product, Errors errors)
    {
        CheckId(product.Id, "id", errors);
        CheckId(product.Sku, "sku", errors);
        CheckAmount(product.Price, "price", errors);
        CheckAmount(product.Cost, "cost", errors);
        foreach (var (variant, i) in product.Variants.Select((v, i) => (v, i)))
        {
            CheckId(variant.Id, $"variants[{i}].id", errors);
            CheckId(variant.Sku, $"variants[{i}].sku", errors);
            CheckAmount(variant.Price, $"variants[{i}].price", errors);
            CheckAmount(variant.Cost, $"variants[{i}].cost", errors);
        }

        Distinct(product.Variants.Select(v => v.Id).Append(product.Id), "variants", "id", errors);
        Distinct(product.Variants.Select(v => v.Sku).Append(product.Sku), "variants", "sku", errors);
    }

    public static void Check(TransactionRecord transaction, Errors errors)
    {
        CheckId(transaction.Id, "id", errors);
        if (transaction.CustomerId is { } customer)
            CheckId(customer, "customerId", errors);
        if (transaction.CompanyId is { } company)
            CheckId(company, "companyId", errors);
        if (transaction.Currency is { } currency)
            errors.Check(currency.Length == 3 && currency.All(char.IsAsciiLetterUpper), "currency", "An ISO 4217 code of three capital letters, such as USD.");
        errors.Check(transaction.Type?.Trim().Length is >= 1 and <= 50, "type", "1 to 50 characters, such as Order, Invoice, Quote, Return.");
        errors.Check(transaction.Guest?.Email is null or { Length: <= 254 }, "guest.email", "At most 254 characters.");
        errors.Check(Math.Abs(transaction.Total) < MaxAmount, "total", "An amount below 1,000,000,000,000.");
        CheckOnTheWhole(transaction, transaction.DiscountAmount, "discountAmount", errors);
        CheckOnTheWhole(transaction, transaction.TaxAmount, "taxAmount", errors);
        CheckOnTheWhole(transaction, transaction.ShippingAmount, "shippingAmount", errors);
        foreach (var (line, i) in transaction.Lines.Select((l, i) => (l, i)))
        {
            CheckId(line.Id, $"lines[{i}].id", errors);
            CheckId(line.Sku, $"lines[{i}].sku", errors);
            errors.Check(Math.Abs(line.Quantity) < MaxAmount, $"lines[{i}].quantity", "A number below 1,000,000,000,000.");
            CheckAmount(line.UnitPrice, $"lines[{i}].unitPrice", errors);
            errors.Check(line.DiscountPercent is >= 0 and <= 100, $"lines[{i}].discountPercent", "0 to 100.");
        }

        Distinct(transaction.Lines.Select(l => l.Id), "lines", "id", errors);
    }

    private static void CheckId(string id, string field, Errors errors) =>
        errors.Check(id.Length is >= 1 and <= MaxId && !id.Any(char.IsControl), field, $"1 to {MaxId} characters, none of them a control character.");

    private static void CheckAmount(decimal? amount, string field, Errors errors) =>
        errors.Check(amount is null or (>= 0 and < MaxAmount), field, "An amount from 0, below 1,000,000,000,000.");

    private static void CheckOnTheWhole(TransactionRecord transaction, decimal amount, string field, Errors errors)
    {
        var comesBack = transaction.Total < 0 || transaction.Lines.Any(l => l.Quantity < 0);
        errors.Check(Math.Abs(amount) < MaxAmount && (amount >= 0 || comesBack), field,
            "An amount below 1,000,000,000,000; negative only where goods or money come back.");
    }

    private static void Distinct(IEnumerable<string> values, string list, string field, Errors errors)
    {
        foreach (var twice in values.GroupBy(v => v).Where(g => g.Count() > 1))
            errors.Add(list, $"Each {field} may stand once; \"{twice.Key}\" stands {twice.Count()} times.");
    }
}
