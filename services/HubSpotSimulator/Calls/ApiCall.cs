using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.HubSpotSimulator.Webhooks;
using Microsoft.Extensions.Primitives;

namespace HubSpotBus.HubSpotSimulator.Calls;

internal delegate Answer CallHandler(ApiCall call);

/// <summary>One call of the API, authorised, with its body read.</summary>
internal sealed class ApiCall(HttpContext http, SimulatorStore store)
{
    /// <summary>Whoever works in HubSpot's pages.</summary>
    public const int PersonId = 123;

    private static readonly string Person = $"userId:{PersonId}";

    private static readonly string AppId = TokenEndpoints.AppId.ToString();

    private readonly IQueryCollection _query = http.Request.Query;
    private RouteValueDictionary _route = http.Request.RouteValues;
    private readonly List<Happening> _happenings = [];
    private Portal? _portal;

    public SimulatorStore Store { get; } = store;

    /// <summary>When it is carried out, which may be some time after it came.</summary>
    public DateTimeOffset Now { get; private set; }

    public AccessToken? Access { get; private set; }

    /// <summary>Somebody works in HubSpot's pages; no app, no token, no scopes.</summary>
    public bool IsByPerson { get; private init; }

    public Portal Portal => _portal ?? throw new InvalidOperationException("This call needs no token and has no portal.");

    /// <summary>What the call did, for the webhooks.</summary>
    public IReadOnlyList<Happening> Happenings => _happenings;

    public bool IsListenedTo => Store.Webhooks.Subscriptions.Count > 0 || Store.Journaled.All.Count > 0;

    public string Source => SourceOf(IsByPerson).Type;

    public string SourceId => SourceOf(IsByPerson).Id;

    public JsonObject Body { get; set; } = [];

    public JsonArray? BodyArray { get; set; }

    /// <summary>Characters of the body as it came.</summary>
    public int BodyLength { get; set; }

    public IFormCollection Form { get; set; } = FormCollection.Empty;

    public string Version => Route("ver");

    /// <summary>The newest version enforces what administrators set, and answers some calls with another status.</summary>
    public bool IsNewest => Version == "2026-09";

    public bool IsDated => Version.StartsWith("20", StringComparison.Ordinal);

    public ObjectType Type => TypeOf("type");

    public string BaseAddress { get; } = $"{http.Request.Scheme}://{http.Request.Host}";

    public string Path { get; } = http.Request.Path.Value ?? "";

    public string? Authorization { get; } = http.Request.Headers.Authorization;

    /// <summary>What HubSpot names as the source of a change.</summary>
    public static (string Type, string Id) SourceOf(bool byPerson) => byPerson ? ("CRM_UI", Person) : ("INTEGRATION", AppId);

    public static ApiCall ByPerson(HttpContext http, SimulatorStore store, Portal portal) =>
        new(http, store) { IsByPerson = true, _portal = portal };

    public void Authorise(AccessToken access, Portal portal)
    {
        (Access, _portal) = (access, portal);
        EmptyBins();
    }

    public void Happened(Happening happening)
    {
        if (IsListenedTo)
        {
            _happenings.Add(happening);
        }
    }

    /// <summary>The call will be carried out after its request is gone; the server uses the route values again.</summary>
    public void Outlive() => _route = new RouteValueDictionary(_route);

    public void HappensNow()
    {
        Now = Store.Now;
        EmptyBins();
    }

    public string Route(string name) => Uri.UnescapeDataString(_route[name]?.ToString() ?? "");

    public string? Query(string name) => _query[name] is { Count: > 0 } values ? values[0] : null;

    /// <summary>A list in the query: repeated, or with commas.</summary>
    public IReadOnlyList<string>? QueryList(string name) => _query[name] is { Count: > 0 } values
        ? [.. values.OfType<string>().SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))]
        : null;

    public ObjectType TypeOf(string routeName)
    {
        var type = ObjectType.Find(Route(routeName));
        if (type == ObjectType.Orders && Portal.Switches.Orders == OrdersObject.MissingScopes)
        {
            throw Scopes.Missing(Portal, "crm.objects.orders.read");
        }

        return type is null || (type == ObjectType.Orders && Portal.Switches.Orders == OrdersObject.UnknownType)
            ? throw Refusal.Of(400, null, $"Unable to infer object type from: {Route(routeName)}")
            : type;
    }

    /// <summary>Both types of an association's path; each needs its scope.</summary>
    public (ObjectType From, ObjectType To) Pair(string right)
    {
        var pair = (From: TypeOf("from"), To: TypeOf("to"));
        Scopes.Require(this, pair.From, right);
        Scopes.Require(this, pair.To, right);
        return pair;
    }

    /// <summary>A field of the form; HubSpot takes nothing from the query.</summary>
    public string FormText(string name) => Form.TryGetValue(name, out StringValues value) ? value.ToString() : "";

    private void EmptyBins()
    {
        if (_portal?.EmptyBins(Now) == true)
        {
            Store.Touch();
        }
    }
}
