using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>What the app wants to find in its journal of one account. Never changed in place.</summary>
internal sealed record JournalSubscription
{
    public const string OfObjects = "OBJECT";
    public const string OfAssociations = "ASSOCIATION";
    public const string OfPrivacyDeletions = "GDPR_PRIVACY_DELETION";

    public static readonly string[] AllActions =
    [
        "CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE", "ASSOCIATION_ADDED", "ASSOCIATION_REMOVED", "SNAPSHOT", "APP_INSTALL", "APP_UNINSTALL",
        "ADDED_TO_LIST", "REMOVED_FROM_LIST", "GDPR_DELETE",
    ];

    public long Id { get; init; }

    public required string Type { get; init; }

    public required long PortalId { get; init; }

    public required string ObjectTypeId { get; init; }

    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>Of these properties changes are told; of all, when none is named.</summary>
    public IReadOnlyList<string> Properties { get; init; } = [];

    public IReadOnlyList<string> ObjectIds { get; init; } = [];

    public IReadOnlyList<string> AssociatedObjectTypeIds { get; init; } = [];

    /// <summary>A record has to fit one of them, if there are any.</summary>
    public IReadOnlyList<JournalFilter> Filters { get; init; } = [];

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public bool IsAbout(JournalSubscription other) =>
        (Type, PortalId, ObjectTypeId) == (other.Type, other.PortalId, other.ObjectTypeId);

    /// <param name="what">What happened.</param>
    /// <param name="record">The record as it is now; null when it is gone for good.</param>
    public bool Fits(JournalEvent what, CrmRecord? record) =>
        Type == what.SubscriptionType && PortalId == what.PortalId && ObjectTypeId == what.ObjectTypeId && Actions.Contains(what.Action)
        && (ObjectIds.Count == 0 || ObjectIds.Contains(what.ObjectId))
        && (what.ToTypeId is null || AssociatedObjectTypeIds.Count == 0 || AssociatedObjectTypeIds.Contains(what.ToTypeId))
        && (Filters.Count == 0 || (record is not null && Filters.Any(f => f.Conditions.All(c => c.Fits(record[c.Property])))));
}

/// <summary>What a subscription looks at; <c>ToTypeId</c> is of associations only.</summary>
internal sealed record JournalEvent(
    string SubscriptionType, string Action, long PortalId, string ObjectTypeId, string ObjectId, string? ToTypeId = null);

/// <summary>A record has to fit all conditions.</summary>
internal sealed record JournalFilter(long Id, DateTimeOffset CreatedAt, IReadOnlyList<JournalCondition> Conditions);

/// <summary>What one property has to be; <c>IN</c> and <c>NOT_IN</c> look at <c>Values</c>, all other operators at <c>Value</c>.</summary>
public sealed record JournalCondition(string Property, string Operator, string Value, IReadOnlyList<string> Values)
{
    internal static readonly string[] Operators =
        ["EQ", "N_EQ", "IN", "NOT_IN", "GT", "GTE", "LT", "LTE", "CONTAINS", "STARTS_WITH", "ENDS_WITH", "IS_EMPTY", "IS_NOT_EMPTY"];

    /// <summary>Whether a value, null for none, fits.</summary>
    public bool Fits(string? value) => Operator switch
    {
        "IS_EMPTY" => value is null,
        "IS_NOT_EMPTY" => value is not null,
        "N_EQ" => value != Value,
        "NOT_IN" => value is null || !Values.Contains(value),
        _ when value is null => false,
        "EQ" => value == Value,
        "IN" => Values.Contains(value),
        "GT" => Order(value) > 0,
        "GTE" => Order(value) >= 0,
        "LT" => Order(value) < 0,
        "LTE" => Order(value) <= 0,
        "CONTAINS" => value.Contains(Value, StringComparison.OrdinalIgnoreCase),
        "STARTS_WITH" => value.StartsWith(Value, StringComparison.OrdinalIgnoreCase),
        "ENDS_WITH" => value.EndsWith(Value, StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private int Order(string value) => string.CompareOrdinal(SearchKey.Of(value), SearchKey.Of(Value));
}
