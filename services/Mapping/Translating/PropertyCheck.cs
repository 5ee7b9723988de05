using HubSpotBus.Mappings.Collections;
using HubSpotBus.Mappings.Schema;

namespace HubSpotBus.Mappings.Translating;

/// <summary>Holds a value against the account's definition of its property, before HubSpot does.</summary>
internal static class PropertyCheck
{
    private const int LongestText = 65_536;
    private const int OptionsShown = 10;

    /// <summary>The value as HubSpot wants it, or what is wrong with it; without a definition only its length is looked at.</summary>
    public static Applied Check(string property, string value, PropertyDefinition? definition, string field)
    {
        if (value.Length > LongestText)
            return Wrong($"{field} has {value.Length} characters; HubSpot's {property} takes {LongestText}. Shorten it in the hub.");
        return definition?.Type switch
        {
            "number" => Format.TryNumber(value, out _) ? value : Not("a number"),
            "bool" => Bool(value) is { } flag ? flag : Not("true or false"),
            "datetime" => Format.TryTime(value, out var time) ? Format.Time(time) : Not("a date"),
            "date" => Format.TryTime(value, out var day) ? Format.Time(day)[..10] : Not("a date"),
            "enumeration" when definition.Options.Count > 0 => Option(definition),
            _ => value,
        };

        Applied Wrong(string message) => new(null, Problems.Of(field, value, message));

        Applied Not(string what) =>
            Wrong($"'{Problems.Shown(value)}' is not {what}, as HubSpot's {property} has to be. Correct {field} in the hub.");

        Applied Option(PropertyDefinition dropdown)
        {
            var chosen = dropdown.FieldType == "checkbox" ? value.Split(';', StringSplitOptions.RemoveEmptyEntries) : [value];
            var options = chosen.Select(c => Find(dropdown.Options, c.Trim())).ToList();
            if (!options.Contains(null))
                return string.Join(';', options.Select(o => o!.Value));
            return Wrong(property.EndsWith("currency_code", StringComparison.Ordinal)
                ? CurrencyNotEnabled(value, field)
                : $"'{Problems.Shown(value)}' is not an option of HubSpot's {property} ({Listed(dropdown.Options)}). "
                    + $"Correct {field} in the hub, or add the option in HubSpot and connect the subscription again.");
        }
    }

    public static string CurrencyNotEnabled(string currency, string field) =>
        $"The currency '{Problems.Shown(currency)}' is not enabled in the HubSpot account. "
        + $"Add it there and connect the subscription again, or correct {field} in the hub.";

    // HubSpot compares the internal value exactly; a label or another case is what people mean by it.
    private static PropertyOption? Find(IReadOnlyList<PropertyOption> options, string value) =>
        options.FirstOrDefault(o => o.Value == value)
        ?? options.FirstOrDefault(o => o.Value.Equals(value, StringComparison.OrdinalIgnoreCase))
        ?? options.FirstOrDefault(o => o.Label.Equals(value, StringComparison.OrdinalIgnoreCase));

    private static string Listed(IReadOnlyList<PropertyOption> options) =>
        string.Join(", ", options.Take(OptionsShown).Select(o => o.Value)) + (options.Count > OptionsShown ? ", ..." : "");

    private static string? Bool(string value) => value.Trim().ToLowerInvariant() switch
    {
        "true" or "yes" or "1" => "true",
        "false" or "no" or "0" => "false",
        _ => null,
    };
}
