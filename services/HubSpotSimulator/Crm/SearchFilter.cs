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

    private static readonly string Latest = Bound(decimal.MaxValue);

    // Read once and not for each record.
    private readonly decimal? _number = SearchKey.Number(Value);
    private readonly decimal? _highNumber = SearchKey.Number(HighValue);

    /// <summary>Values of enumerations are compared as they are, everything else without case.</summary>
    public bool HeedsCase { get; init; }

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
                filter.Texts("values"))
            : throw Refusal.Validation($"Invalid input JSON: {name} is not an operator");
    }

    public bool Matches(string? actual) => Operator switch
    {
        "HAS_PROPERTY" => actual is not null,
        "NOT_HAS_PROPERTY" => actual is null,
        "NEQ" => actual is null || ToValue(actual) != 0,
        "NOT_IN" => actual is null || !IsListed(actual),
        "NOT_CONTAINS_TOKEN" => actual is null || !HasToken(actual),
        _ when actual is null => false,
        "EQ" => ToValue(actual) == 0,
        "LT" => ToValue(actual) < 0,
        "LTE" => ToValue(actual) <= 0,
        "GT" => ToValue(actual) > 0,
        "GTE" => ToValue(actual) >= 0,
        "BETWEEN" => ToValue(actual) >= 0 && Compare(actual, HighValue, _highNumber) <= 0,
        "IN" => IsListed(actual),
        _ => HasToken(actual),
    };

    /// <summary>The records that may match, found without looking at all; null where all must be looked at.</summary>
    public IEnumerable<CrmRecord>? Candidates(Portal portal, ObjectType type)
    {
        var index = portal.Table(type).Index;
        if (Associated is { } other)
        {
            return portal.Associations.Of(other, Value, type).Keys.Select(id => index.Find(id.ToString())).OfType<CrmRecord>();
        }

        return Operator == "IN"
            ? Values.Distinct().SelectMany(v => index.In(Property, KeyRange.Of(SearchKey.Of(v), SearchKey.Of(v))).Records)
            : Range(type) is { } range ? index.In(Property, range).Records : null;
    }

    /// <summary>What the filter leaves, as a range of keys; for other than equal values, of the two stamps only.</summary>
    public KeyRange? Range(ObjectType type) => Operator switch
    {
        "EQ" => KeyRange.Of(SearchKey.Of(Value), SearchKey.Of(Value)),
        "GTE" when IsStamp(type) => KeyRange.Of(Bound(_number), Latest),
        "GT" when IsStamp(type) => KeyRange.Of(Bound(_number), Latest) with { First = (Bound(_number), long.MaxValue) },
        "LTE" when IsStamp(type) => KeyRange.Of("", Bound(_number)),
        "LT" when IsStamp(type) => KeyRange.Of("", Bound(_number)) with { Last = (Bound(_number), 0) },
        "BETWEEN" when IsStamp(type) => KeyRange.Of(Bound(_number), Bound(_highNumber)),
        _ => null,
    };

    /// <summary>Numbers as numbers, times as times (a filter may give milliseconds), the rest as text without case.</summary>
    public static int Compare(string one, string other) =>
        AreStamps(one, other) ? string.CompareOrdinal(one, other) : Compare(one, other, SearchKey.Number(other));

    private static int Compare(string actual, string value, decimal? number) => number is { } b && SearchKey.Number(actual) is { } a
        ? a.CompareTo(b)
        : string.Compare(actual, value, StringComparison.OrdinalIgnoreCase);

    /// <summary>As the simulator writes times itself: they sort as text.</summary>
    private static bool AreStamps(string one, string other) => one.Length == 24 && other.Length == 24
        && one[10] == 'T' && other[10] == 'T' && one[23] == 'Z' && other[23] == 'Z';

    private static string Bound(decimal? number) => number is null or < 0 ? "" : SearchKey.Of(Math.Min(number.Value, 9_999_999_999_999));

    private bool IsStamp(ObjectType type) => _number is not null && (Property == type.ModifiedProperty || Property == type.CreatedProperty);

    private int ToValue(string actual) => HeedsCase ? string.CompareOrdinal(actual, Value) : Compare(actual, Value, _number);

    // HubSpot lowers what the record has and not what the filter lists: there, only lower case finds anything.
    private bool IsListed(string actual) => Values.Contains(HeedsCase ? actual : actual.ToLowerInvariant());

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
