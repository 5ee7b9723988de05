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
        : throw new InvalidOperationException($"A rule names the field '{name}', which a {typeof(TRecord).Name} does not have. Correct the mapping collection.");
}

/// <summary>The field tables of all hub records.</summary>
public static class Fields
{
    public static readonly FieldTable<CompanyRecord> Company = new(new Dictionary<string, Func<CompanyRecord, object?>>
    {
        ["Id"] = c => c.Id,
        ["Name"] = c => c.Name,
        ["Description"] = c => c.Description,
        ["Phone"] = c => c.Phone,
        ["Fax"] = c => c.Fax,
        ["Email"] = c => c.Email,
        ["Url"] = c => c.Url,
        ["AccountNumber"] = c => c.AccountNumber,
    }.WithAddress("Address", c => c.Address));

    public static readonly FieldTable<CustomerRecord> Customer = new(new Dictionary<string, Func<CustomerRecord, object?>>
    {
        ["Id"] = c => c.Id,
        ["CustomerNumber"] = c => c.CustomerNumber,
        ["FirstName"] = c => c.FirstName,
        ["LastName"] = c => c.LastName,
        ["Email"] = c => c.Email,
        ["Phone"] = c => c.Phone,
        ["Fax"] = c => c.Fax,
        ["JobTitle"] = c => c.JobTitle,
        ["CompanyId"] = c => c.CompanyId,
    }.WithAddress("Address", c => c.Address));

    public static readonly FieldTable<ProductRecord> Product = new(new Dictionary<string, Func<ProductRecord, object?>>
    {
        ["Id"] = p => p.Id,
        ["Sku"] = p => p.Sku,
        ["Name"] = p => p.Name,
        ["Description"] = p => p.Description,
        ["Price"] = p => p.Price,
        ["Cost"] = p => p.Cost,
    });

    public static readonly FieldTable<VariantOf> Variant = new(new Dictionary<string, Func<VariantOf, object?>>
    {
        ["Id"] = v => v.Variant.Id,
        ["Sku"] = v => v.Variant.Sku,
        ["Name"] = v => v.Variant.Name,
        ["Price"] = v => v.Variant.Price,
        ["Cost"] = v => v.Variant.Cost,
        // By option name: the source's order of a dictionary is nobody's promise, and the name must not change with it.
        ["OptionValues"] = v => string.Join(" ", v.Variant.Options.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => o.Value)),
        ["Parent.Id"] = v => v.Parent.Id,
        ["Parent.Sku"] = v => v.Parent.Sku,
        ["Parent.Name"] = v => v.Parent.Name,
        ["Parent.Description"] = v => v.Parent.Description,
        ["Parent.Price"] = v => v.Parent.Price,
        ["Parent.Cost"] = v => v.Parent.Cost,
    });

    public static readonly FieldTable<TransactionRecord> Transaction = new(new Dictionary<string, Func<TransactionRecord, object?>>
    {
        ["Id"] = t => t.Id,
        ["Number"] = t => t.Number,
        ["Type"] = t => t.Type,
        ["Status"] = t => t.Status,
        ["CustomerId"] = t => t.CustomerId,
        ["CompanyId"] = t => t.CompanyId,
        ["Currency"] = t => t.Currency,
        ["PlacedAt"] = t => t.PlacedAt,
        ["ShippedAt"] = t => t.ShippedAt,
        ["DiscountAmount"] = t => t.DiscountAmount,
        ["TaxAmount"] = t => t.TaxAmount,
        ["ShippingAmount"] = t => t.ShippingAmount,
        ["Total"] = t => t.Total,
        // Taken from the total and not from the lines, so that the parts add up to the hub's total whatever the source rounded.
        ["Subtotal"] = t => t.Total + t.DiscountAmount - t.TaxAmount - t.ShippingAmount,
    }.WithAddress("ShippingAddress", t => t.ShippingAddress).WithAddress("BillingAddress", t => t.BillingAddress));

    public static readonly FieldTable<LineOf> Line = new(new Dictionary<string, Func<LineOf, object?>>
    {
        ["Id"] = l => l.Line.Id,
        ["Sku"] = l => l.Line.Sku,
        ["Description"] = l => l.Line.Description,
        ["Quantity"] = l => l.Line.Quantity,
        ["UnitPrice"] = l => l.Line.UnitPrice,
        ["DiscountPercent"] = l => l.Line.DiscountPercent,
        ["Currency"] = l => l.Currency,
        ["ProductName"] = l => l.ProductName,
    });

    private static Dictionary<string, Func<TRecord, object?>> WithAddress<TRecord>(
        this Dictionary<string, Func<TRecord, object?>> fields, string name, Func<TRecord, AddressRecord?> address)
    {
        void Add(string part, Func<AddressRecord, string?> read) =>
            fields.Add($"{name}.{part}", record => address(record) is { } found ? read(found) : null);

        Add("FirstName", a => a.FirstName);
        Add("LastName", a => a.LastName);
        Add("Company", a => a.Company);
        Add("Phone", a => a.Phone);
        Add("Address1", a => a.Address1);
        Add("Address2", a => a.Address2);
        Add("City", a => a.City);
        Add("Region", a => a.Region);
        Add("PostalCode", a => a.PostalCode);
        Add("Country", a => a.Country);
        return fields;
    }
}
