using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Store;
using Microsoft.Extensions.Primitives;

namespace HubSpotBus.HubSpotSimulator.Calls;

internal delegate Answer CallHandler(ApiCall call);

/// <summary>One call of the API, authorised, with its body read.</summary>
internal sealed class ApiCall(HttpContext http, SimulatorStore store)
{
    private Portal? _portal;

    public SimulatorStore Store { get; } = store;

    public DateTimeOffset Now { get; } = store.Now;

    public AccessToken? Access { get; private set; }

    public Portal Portal => _portal ?? throw new InvalidOperationException("This call needs no token and has no portal.");

    public JsonObject Body { get; set; } = [];

    public JsonArray? BodyArray { get; set; }

    public IFormCollection Form { get; set; } = FormCollection.Empty;

    public string Version => Route("ver");

    /// <summary>The newest version enforces what administrators set, and answers some calls with another status.</summary>
    public bool IsNewest => Version == "2026-09";

    public bool IsDated => Version.StartsWith("20", StringComparison.Ordinal);

    public ObjectType Type => TypeOf("type");

    public string BaseAddress => $"{http.Request.Scheme}://{http.Request.Host}";

    public string Path => http.Request.Path.Value ?? "";

    public string? Authorization => http.Request.Headers.Authorization;

    public void Authorise(AccessToken access, Portal portal) => (Access, _portal) = (access, portal);

    public string Route(string name) => Uri.UnescapeDataString(http.GetRouteValue(name)?.ToString() ?? "");

    public string? Query(string name) => http.Request.Query[name] is { Count: > 0 } values ? values[0] : null;

    /// <summary>A list in the query: repeated, or with commas.</summary>
    public IReadOnlyList<string>? QueryList(string name) => http.Request.Query[name] is { Count: > 0 } values
        ? [.. values.OfType<string>().SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))]
        : null;

    public ObjectType TypeOf(string routeName) => ObjectType.Find(Route(routeName))
        ?? throw Refusal.Of(400, null, $"Unable to infer object type from: {Route(routeName)}");

    /// <summary>Both types of an association's path; each needs its scope.</summary>
    public (ObjectType From, ObjectType To) Pair(string right)
    {
        var pair = (From: TypeOf("from"), To: TypeOf("to"));
        Require(pair.From, right);
        Require(pair.To, right);
        return pair;
    }

    /// <summary>Refuses what the user did not grant. The older e-commerce scope stands for products and line items.</summary>
    public void Require(ObjectType type, string right)
    {
        var scopes = Access!.Grant.Scopes;
        var scope = $"crm.objects.{type.Plural}.{right}";
        var bundle = type == ObjectType.Products || type == ObjectType.LineItems ? "e-commerce" : scope;
        if (Access.IsStatic || scopes.Contains(scope) || scopes.Contains(bundle))
        {
            return;
        }

        var refusal = Refusal.Of(
            403,
            "MISSING_SCOPES",
            "This app hasn't been granted all required scopes to make this call. "
                + "Read more about required scopes here: https://developers.hubspot.com/scopes.");
        refusal.Body["errors"] = new JsonArray(new JsonObject
        {
            ["message"] = "One or more of the following scopes are required.",
            ["context"] = new JsonObject { ["requiredGranularScopes"] = new JsonArray(scope) },
        });
        refusal.Body["links"] = new JsonObject { ["scopes"] = "https://developers.hubspot.com/scopes" };
        throw refusal;
    }

    /// <summary>A field of the form; HubSpot takes nothing from the query.</summary>
    public string FormText(string name) => Form.TryGetValue(name, out StringValues value) ? value.ToString() : "";
}
