using HubSpotBus.Contracts.Records;
using HubSpotBus.Mappings.Collections;

namespace HubSpotBus.Mappings.Translating;

// What no single property can tell: checks across the parts of a record.
internal static class LineChecks
{
    public static IEnumerable<Problem> Of(IReadOnlyList<LineRecord> lines)
    {
        foreach (var same in Part.Twice(lines.Select(l => l.Id)))
            yield return Problems.Of("lines", same, $"Several lines have the id '{Problems.Shown(same)}'. Give each its own.");
        foreach (var problem in lines.SelectMany(l => Of(l).Select(p => p.Within("Line", l.Id))))
            yield return problem;
    }

    private static IEnumerable<Problem> Of(LineRecord line)
    {
        if (string.IsNullOrWhiteSpace(line.Id))
            yield return Problems.Of("id", null, "It has no id. Give it one that is unique within the transaction.");
        if (string.IsNullOrWhiteSpace(line.Sku))
            yield return Problems.Of("sku", null, "It has no SKU. Give it the SKU of a product of the hub.");
        if (line.UnitPrice < 0)
        {
            yield return Problems.Of("unitPrice", Format.Number(line.UnitPrice),
                $"{Format.Number(line.UnitPrice)} is negative, which HubSpot does not take. Give what came back a negative quantity instead.");
        }

        if (line.DiscountPercent is < 0 or > 100)
        {
            var shown = Format.Number(line.DiscountPercent);
            yield return Problems.Of("discountPercent", shown, $"{shown} is no discount in percent. Correct discountPercent in the hub.");
        }
    }
}

internal static class ProductChecks
{
    public static IEnumerable<Problem> Of(ProductRecord product)
    {
        foreach (var same in Part.Twice(product.Variants.Select(v => v.Sku).Append(product.Sku)))
        {
            var message = $"The product and its variants share the SKU '{Problems.Shown(same)}'. Give each its own.";
            yield return Problems.Of("sku", same, message);
        }

        foreach (var problem in Of(product.Sku, product.Price, product.Cost))
            yield return problem;
        foreach (var problem in product.Variants.SelectMany(v => Of(v.Sku, v.Price, v.Cost).Select(p => p.Within("Variant", v.Id))))
            yield return problem;
    }

    private static IEnumerable<Problem> Of(string? sku, decimal? price, decimal? cost)
    {
        if (string.IsNullOrWhiteSpace(sku))
            yield return Problems.Of("sku", null, "It has no SKU. Fill sku in the hub.");
        if (price is < 0 and { } negativePrice)
            yield return Part.Negative("price", negativePrice);
        if (cost is < 0 and { } negativeCost)
            yield return Part.Negative("cost", negativeCost);
    }
}

internal static class Part
{
    /// <summary>The problem of a part, said by the whole record.</summary>
    public static Problem Within(this Problem problem, string part, string id) =>
        problem with { Field = $"{part.ToLowerInvariant()}s[{id}].{problem.Field}", Message = $"{part} {id}: {problem.Message}" };

    public static Problem Negative(string field, decimal value) => Problems.Of(
        field, Format.Number(value), $"{Format.Number(value)} is negative, which HubSpot does not take. Correct {field} in the hub.");

    /// <summary>Each id that is there more than once; a missing one is another problem.</summary>
    public static IEnumerable<string> Twice(IEnumerable<string> ids) => ids
        .Where(id => !string.IsNullOrWhiteSpace(id)).GroupBy(id => id, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key);
}
