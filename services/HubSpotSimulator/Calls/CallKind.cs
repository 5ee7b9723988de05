using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Calls;

internal enum LimitRule
{
    TenSecondly,
    Search,
    Associations,
}

/// <summary>
/// <c>Name</c> is as counted; <c>{type}</c> in it is filled with the plural of the type in the path. <c>Check</c> refuses who may not call.
/// </summary>
internal sealed record CallKind(
    string Name, LimitRule Limit = LimitRule.TenSecondly, bool NeedsToken = true, Action<ApiCall>? Check = null)
{
    /// <summary>With a token of the app itself, which is of no account.</summary>
    public static CallKind ByApp(string name) => new(name, NeedsToken: false, Check: BearerTokens.RequireApp);

    public string NameFor(HttpContext http) => Name.StartsWith("{type}", StringComparison.Ordinal)
        ? (ObjectType.Find(http.GetRouteValue("type")?.ToString() ?? "")?.Plural ?? "unknown") + Name["{type}".Length..]
        : Name;
}
