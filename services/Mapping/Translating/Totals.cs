using System.Globalization;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Mappings.Collections;

namespace HubSpotBus.Mappings.Translating;

/// <summary>Whether the amounts of a transaction make its total: what HubSpot shows has to equal what the hub says, to the cent.</summary>
internal static class Totals
{
    // Money beyond this is no money; the hub refuses it, and here it must not overflow.
    private const decimal Beyond = 1e12m;

    // Currencies that are rounded to whole units.
    private static readonly string[] WithoutCents = ["CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"];

    /// <summary>
    /// A source may round each line or only the sum: half a cent a line, and half a cent for the sum, is no difference. A transaction
    /// without lines has nothing to add up, and of one that was cancelled or refunded the lines say what was ordered and the total
    /// what is left.
    /// </summary>
    public static IEnumerable<Problem> ProblemsOf(TransactionRecord transaction)
    {
        if (transaction.Lines.Count == 0 || Stages.TakenBack(transaction.Status) || !IsMoney(transaction))
            yield break;
        var lines = transaction.Lines.Sum(l => l.Quantity * l.UnitPrice * (1 - (l.DiscountPercent / 100)));
        var tax = transaction.PricesIncludeTax ? 0 : transaction.TaxAmount;
        var sum = lines - transaction.DiscountAmount + tax + transaction.ShippingAmount;
        var cent = WithoutCents.Contains(transaction.Currency, StringComparer.OrdinalIgnoreCase) ? 1m : 0.01m;
        if (Math.Abs(sum - transaction.Total) > cent / 2 * (transaction.Lines.Count + 1))
            yield return Problems.Of("total", Format.Number(transaction.Total), Arithmetic(transaction, lines, tax, sum));
    }

    private static string Arithmetic(TransactionRecord transaction, decimal lines, decimal tax, decimal sum)
    {
        var text = $"lines {Money(lines)}{(transaction.PricesIncludeTax ? " with tax" : "")}";
        if (transaction.DiscountAmount != 0)
            text += $" - discount {Money(transaction.DiscountAmount)}";
        if (tax != 0)
            text += $" + tax {Money(tax)}";
        if (transaction.ShippingAmount != 0)
            text += $" + shipping {Money(transaction.ShippingAmount)}";
        return $"The amounts do not make the total: {text} = {Money(sum)}, but the total is {Money(transaction.Total)}. "
            + "Correct the transaction in the hub, or switch off Totals Must Add Up in the subscription's settings.";
    }

    private static bool IsMoney(TransactionRecord transaction) =>
        new[] { transaction.Total, transaction.DiscountAmount, transaction.TaxAmount, transaction.ShippingAmount }
            .Concat(transaction.Lines.SelectMany(l => new[] { l.Quantity, l.UnitPrice, l.DiscountPercent }))
            .All(a => a is > -Beyond and < Beyond);

    private static string Money(decimal amount) => amount.ToString("0.00##", CultureInfo.InvariantCulture);
}
