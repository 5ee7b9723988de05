using System.Globalization;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

internal sealed record SearchFilter(string Property, string Operator, string Value, string HighValue, IReadOnlyList<string> Values)
{
    private const string AssociationPrefix = "associations.";

    private static readonly string[] Operators =
    [
        "LT", "LTE", "GT", "GTE", "EQ", "NEQ", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN",
        "NOT_CONTAINS_TOKEN",
    ];

    /// <summary>Set for the pseudo property <c>associations.{type}</c>.</summary>
    public ObjectType? Associated => Property.StartsWith(AssociationPrefix, StringComparison.Ordinal)
        ? ObjectType.Find(Property[AssociationPrefix.Length..])
        : null;

    public static SearchFilter Read(JsonObject filter)
    {
        var name = filter.Text("operator") ?? "";
        return Operators.Contains(name)
            ? new(
                filter.Text("propertyName") ?? "",
                name,
                filter.Text("value") ?? "",
                filter.Text("highValue") ?? "",
                [.. filter.Texts("values").Select(v => v.ToLowerInvariant())])
            : throw Refusal.Validation($"Invalid input JSON: {name} is not an operator");
    }

    public bool Matches(string? actual) => Operator switch
    {
        "HAS_PROPERTY" => actual is not null,
        "NOT_HAS_PROPERTY" => actual is null,
        "NEQ" => actual is null || Compare(actual, Value) != 0,
        "NOT_IN" => actual is null || !Values.Contains(actual.ToLowerInvariant()),
        "NOT_CONTAINS_TOKEN" => actual is null || !HasToken(actual),
        _ when actual is null => false,
        "EQ" => Compare(actual, Value) == 0,
        "LT" => Compare(actual, Value) < 0,
        "LTE" => Compare(actual, Value) <= 0,
        "GT" => Compare(actual, Value) > 0,
        "GTE" => Compare(actual, Value) >= 0,
        "BETWEEN" => Compare(actual, Value) >= 0 && Compare(actual, HighValue) <= 0,
        "IN" => Values.Contains(actual.ToLowerInvariant()),
        _ => HasToken(actual),
    };

    /// <summary>Numbers as numbers, times as times (a filter may give milliseconds), the rest as text without case.</summary>
    public static int Compare(string one, string other) => (Number(one), Number(other)) switch
    {
        ({ } a, { } b) => a.CompareTo(b),
        _ => string.Compare(one, other, StringComparison.OrdinalIgnoreCase),
    };

    private static decimal? Number(string text)
    {
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        return text.Length >= 10 && char.IsAsciiDigit(text[0]) && text[4] == '-' && DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeMilliseconds()
            : null;
    }

    private bool HasToken(string actual)
    {
        var token = Value.Trim('*');
        return Value.Contains('*', StringComparison.Ordinal)
            ? actual.Contains(token, StringComparison.OrdinalIgnoreCase)
            : actual.Split([' ', '@', '.', ',', '-', '_', '/'], StringSplitOptions.RemoveEmptyEntries)
                .Append(actual)
                .Contains(token, StringComparer.OrdinalIgnoreCase);
    }
}
