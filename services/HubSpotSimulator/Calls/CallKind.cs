using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Calls;

internal enum LimitRule
{
    TenSecondly,
    Search,
    Exempt,
}

/// <summary><c>Name</c> is as counted; <c>{type}</c> in it is filled with the plural of the type in the path.</summary>
internal sealed record CallKind(string Name, LimitRule Limit = LimitRule.TenSecondly, bool NeedsToken = true)
{
    public string NameFor(HttpContext http) => Name.StartsWith("{type}", StringComparison.Ordinal)
        ? (ObjectType.Find(http.GetRouteValue("type")?.ToString() ?? "")?.Plural ?? "unknown") + Name["{type}".Length..]
        : Name;
}
