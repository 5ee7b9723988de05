using HubSpotBus.Contracts.Records;

namespace HubSpotBus.Mappings.Collections;

/// <summary>A variant with the product that it is a variant of.</summary>
public sealed record VariantOf(VariantRecord Variant, ProductRecord Parent);

/// <summary>A line with what it takes from around it.</summary>
public sealed record LineOf(LineRecord Line, string? Currency, string? ProductName);

/// <summary>The fields of a hub record that rules may name.</summary>
public sealed class FieldTable<TRecord>(IReadOnlyDictionary<string, Func<TRecord, object?>> fields)
{
    public IEnumerable<string> Names => fields.Keys;

    public FieldReader Of(TRecord record) => name => fields.TryGetValue(name, out var read)
        ? read(record)
        : throw new InvalidOperationException(
            $"A rule names the field '{name}', which a {typeof(TRecord).Name} does not have. Correct the mapping collection.");
}

/// <summary>The field tables of all hub records; a field has the name that it has in the API.</summary>
public static class Fields
{
    public static readonly FieldTable<CompanyRecord> Company = new(new Dictionary<string, Func<CompanyRecord, object?>>
    {
        ["id"] = c => c.Id,
        ["name"] = c => c.Name,
        ["description"] = c => c.Description,
        ["phone"] = c => c.Phone,
        ["fax"] = c => c.Fax,
        ["email"] = c => c.Email,
        ["url"] = c => c.Url,
        ["accountNumber"] = c => c.AccountNumber,
    }.WithAddress("address", c => c.Address));

    public static readonly FieldTable<CustomerRecord> Customer = new(new Dictionary<string, Func<CustomerRecord, object?>>
    {
        ["id"] = c => c.Id,
        ["customerNumber"] = c => c.CustomerNumber,
        ["firstName"] = c => c.FirstName,
        ["lastName"] = c => c.LastName,
        ["email"] = c => c.Email,
        ["phone"] = c => c.Phone,
        ["fax"] = c => c.Fax,
        ["jobTitle"] = c => c.JobTitle,
        ["companyId"] = c => c.CompanyId,
    }.WithAddress("address", c => c.Address));

    public static readonly FieldTable<ProductRecord> Product = new(new Dictionary<string, Func<ProductRecord, object?>>
    {
        ["id"] = p => p.Id,
        ["sku"] = p => p.Sku,
        ["name"] = p => p.Name,
        ["description"] = p => p.Description,
        ["price"] = p => p.Price,
        ["cost"] = p => p.Cost,
    });

    public static readonly FieldTable<VariantOf> Variant = new(new Dictionary<string, Func<VariantOf, object?>>
    {
        ["id"] = v => v.Variant.Id,
        ["sku"] = v => v.Variant.Sku,
        ["name"] = v => v.Variant.Name,
        ["price"] = v => v.Variant.Price,
        ["cost"] = v => v.Variant.Cost,
        // By option name: the source's order of a dictionary is nobody's promise, and the name must not change with it.
        ["optionValues"] = v => string.Join(" ", v.Variant.Options.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => o.Value)),
        ["parent.id"] = v => v.Parent.Id,
        ["parent.sku"] = v => v.Parent.Sku,
        ["parent.name"] = v => v.Parent.Name,
        ["parent.description"] = v => v.Parent.Description,
        ["parent.price"] = v => v.Parent.Price,
        ["parent.cost"] = v => v.Parent.Cost,
    });

    public static readonly FieldTable<TransactionRecord> Transaction = new(new Dictionary<string, Func<TransactionRecord, object?>>
    {
        ["id"] = t => t.Id,
        ["number"] = t => t.Number,
        ["type"] = t => t.Type,
        ["status"] = t => t.Status,
        ["customerId"] = t => t.CustomerId,
        ["companyId"] = t => t.CompanyId,
        ["guest.email"] = t => t.Guest?.Email,
        ["guest.firstName"] = t => t.Guest?.FirstName,
        ["guest.lastName"] = t => t.Guest?.LastName,
        ["guest.phone"] = t => t.Guest?.Phone,
        ["currency"] = t => t.Currency,
        ["placedAt"] = t => t.PlacedAt,
        ["shippedAt"] = t => t.ShippedAt,
        ["discountAmount"] = t => t.DiscountAmount,
        ["taxAmount"] = t => t.TaxAmount,
        ["shippingAmount"] = t => t.ShippingAmount,
        ["total"] = t => t.Total,
        // Taken from the total and not from the lines, so that the parts add up to the hub's total whatever the source rounded.
        ["subtotal"] = t => Subtotal(t),
    }.WithAddress("shippingAddress", t => t.ShippingAddress).WithAddress("billingAddress", t => t.BillingAddress));

    public static readonly FieldTable<LineOf> Line = new(new Dictionary<string, Func<LineOf, object?>>
    {
        ["id"] = l => l.Line.Id,
        ["sku"] = l => l.Line.Sku,
        ["description"] = l => l.Line.Description,
        ["quantity"] = l => l.Line.Quantity,
        ["unitPrice"] = l => l.Line.UnitPrice,
        ["discountPercent"] = l => l.Line.DiscountPercent,
        ["currency"] = l => l.Currency,
        ["productName"] = l => l.ProductName,
    });

    // Amounts beyond any money have no subtotal, rather than losing their whole batch to an overflow.
    private static decimal? Subtotal(TransactionRecord t) =>
        new[] { t.Total, t.DiscountAmount, t.TaxAmount, t.ShippingAmount }.All(a => a is > -1e18m and < 1e18m)
            ? t.Total + t.DiscountAmount - t.TaxAmount - t.ShippingAmount
            : null;

    private static Dictionary<string, Func<TRecord, object?>> WithAddress<TRecord>(
        this Dictionary<string, Func<TRecord, object?>> fields, string name, Func<TRecord, AddressRecord?> address)
    {
        void Add(string part, Func<AddressRecord, string?> read) =>
            fields.Add($"{name}.{part}", record => address(record) is { } found ? read(found) : null);

        Add("firstName", a => a.FirstName);
        Add("lastName", a => a.LastName);
        Add("company", a => a.Company);
        Add("phone", a => a.Phone);
        Add("address1", a => a.Address1);
        Add("address2", a => a.Address2);
        Add("city", a => a.City);
        Add("region", a => a.Region);
        Add("postalCode", a => a.PostalCode);
        Add("country", a => a.Country);
        return fields;
    }
}
