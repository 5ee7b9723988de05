using System.Globalization;
using System.Text.RegularExpressions;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Whether HubSpot takes a value.</summary>
internal static partial class Validation
{
    public static IEnumerable<(string Name, string Code, string Message)> Of(ObjectTable table, string name, string value)
    {
        if (table.Properties.GetValueOrDefault(name) is not { Archived: false } property)
            return [(name, "PROPERTY_DOESNT_EXIST", $"Property \"{name}\" does not exist")];
        if (property.ReadOnlyValue)
            return [(name, "READ_ONLY_VALUE", $"\"{name}\" is a calculated property; its value cannot be set.")];
        if (value.Length == 0)
            return [];
        return (property.Type, name) switch
        {
            (_, "email") when !Email().IsMatch(value) => [(name, "INVALID_EMAIL", $"Email address {value} is invalid")],
            ("number", _) when !decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) =>
                [(name, "INVALID_INTEGER", $"{value} was not a valid number.")],
            ("datetime" or "date", _) when !IsDate(value) => [(name, "INVALID_DATE", $"{value} was not a valid date.")],
            ("bool", _) when value is not ("true" or "false") => [(name, "INVALID_OPTION", $"{value} was not one of the allowed options: [true, false]")],
            ("enumeration", _) when property.FieldType != "checkbox" && property.Options.TrueForAll(o => o.Value != value) =>
                [(name, "INVALID_OPTION", $"{value} was not one of the allowed options: [{string.Join(", ", property.Options.Select(o => o.Value))}]")],
            ("string", _) when value.Length > 65_536 => [(name, "PROPERTY_VALUE_TOO_LONG", $"{name} is longer than 65536 characters")],
            _ => [],
        };
    }

    private static bool IsDate(string value) =>
        long.TryParse(value, CultureInfo.InvariantCulture, out _)
        || DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    [GeneratedRegex(@"^[^@\s]+@[^@\s]+\.[^@\s.]+$")]
    private static partial Regex Email();
}
