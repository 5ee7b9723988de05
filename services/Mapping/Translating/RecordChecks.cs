using HubSpotBus.Contracts.Records;
using HubSpotBus.Mappings.Collections;

namespace HubSpotBus.Mappings.Translating;

// What no single property can tell: checks across the parts of a record.
internal static class LineChecks
{
    public static IEnumerable<Problem> Of(IReadOnlyList<LineRecord> lines)
    {
        foreach (var same in lines.Where(l => !string.IsNullOrWhiteSpace(l.Id)).GroupBy(l => l.Id, StringComparer.Ordinal).Where(g => g.Count() > 1))
            yield return Problems.Of("lines", same.Key, $"{same.Count()} lines have the id '{Problems.Shown(same.Key)}'. Give each line an id of its own.");
        foreach (var problem in lines.SelectMany(l => Of(l).Select(p => p.Within("Line", l.Id))))
            yield return problem;
    }

    private static IEnumerable<Problem> Of(LineRecord line)
    {
        if (string.IsNullOrWhiteSpace(line.Id))
            yield return Problems.Of("id", null, "It has no id. Give it one that is unique within the transaction.");
        if (string.IsNullOrWhiteSpace(line.Sku))
            yield return Problems.Of("sku", null, "It has no SKU. Give it the SKU of a product of the hub.");
        if (line.Quantity < 0)
            yield return Problems.Of("quantity", Format.Number(line.Quantity), "The quantity is negative, which HubSpot does not take. Correct quantity in the hub.");
        if (line.UnitPrice < 0)
            yield return Problems.Of("unitPrice", Format.Number(line.UnitPrice), "The price is negative, which HubSpot does not take. Correct unitPrice in the hub.");
        if (line.DiscountPercent is < 0 or > 100)
            yield return Problems.Of("discountPercent", Format.Number(line.DiscountPercent), "The discount is not between 0 and 100 percent. Correct discountPercent in the hub.");
    }
}

internal static class ProductChecks
{
    public static IEnumerable<Problem> Of(ProductRecord product)
    {
        var skus = product.Variants.Select(v => v.Sku).Append(product.Sku).Where(s => !string.IsNullOrWhiteSpace(s));
        foreach (var same in skus.GroupBy(s => s, StringComparer.Ordinal).Where(g => g.Count() > 1))
            yield return Problems.Of("sku", same.Key, $"The SKU '{Problems.Shown(same.Key)}' is there {same.Count()} times among the product and its variants. Give each its own.");
        foreach (var problem in Of(product.Sku, product.Price, product.Cost))
            yield return problem;
        foreach (var problem in product.Variants.SelectMany(v => Of(v.Sku, v.Price, v.Cost).Select(p => p.Within("Variant", v.Id))))
            yield return problem;
    }

    private static IEnumerable<Problem> Of(string? sku, decimal? price, decimal? cost)
    {
        if (string.IsNullOrWhiteSpace(sku))
            yield return Problems.Of("sku", null, "It has no SKU. Fill sku in the hub.");
        if (price < 0)
            yield return Problems.Of("price", Format.Number(price.Value), "The price is negative, which HubSpot does not take. Correct price in the hub.");
        if (cost < 0)
            yield return Problems.Of("cost", Format.Number(cost.Value), "The cost is negative, which HubSpot does not take. Correct cost in the hub.");
    }
}

internal static class Part
{
    /// <summary>The problem of a part, said by the whole record.</summary>
    public static Problem Within(this Problem problem, string part, string id) =>
        problem with { Field = $"{part.ToLowerInvariant()}s[{id}].{problem.Field}", Message = $"{part} {id}: {problem.Message}" };
}
