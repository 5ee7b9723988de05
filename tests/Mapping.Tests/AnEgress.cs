using System.Text.Json.Nodes;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpot;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;

namespace HubSpotBus.Mappings.Tests;

/// <summary>The egress as the HubSpot client sees it, in front of an account of definitions only; it counts and can refuse.</summary>
internal sealed class AnEgress : IAsyncDisposable
{
    public const string ServiceKey = "service-key";

    private readonly WebApplication _app;
    private readonly Dictionary<string, JsonArray> _properties = [];

    private AnEgress(WebApplication app) => _app = app;

    /// <summary>Method and path of each call, without the subscription.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Answers instead of HubSpot where it gives one.</summary>
    public Func<string, IResult?> Instead { get; set; } = _ => null;

    public Uri BaseAddress => new(_app.Urls.First());

    public static async Task<AnEgress> StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var egress = new AnEgress(builder.Build());
        egress.Map();
        await egress._app.StartAsync();
        return egress;
    }

    /// <summary>The definitions of an object type, as HubSpot lists them.</summary>
    public JsonArray PropertiesOf(string objectType)
    {
        if (!_properties.TryGetValue(objectType, out var properties))
        {
            properties = [.. AnAccount.Schema().Single(s => s.ObjectType == objectType).Properties.Select(p => Definition(p.Name))];
            _properties.Add(objectType, properties);
        }

        return properties;
    }

    public static JsonObject Definition(string name, string type = "string", bool unique = false) => new()
    {
        ["name"] = name, ["label"] = name, ["type"] = type, ["fieldType"] = "text", ["groupName"] = "information",
            ["hasUniqueValue"] = unique,
        ["modificationMetadata"] = new JsonObject { ["readOnlyValue"] = false },
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Map()
    {
        _app.Use(async (context, next) =>
        {
            var path = string.Join('/', context.Request.Path.Value!.Split('/').Skip(3));
            Calls.Add($"{context.Request.Method} {path}");
            var right = ServiceKeys.For(ServiceKey, new Uri(context.Request.GetEncodedUrl()));
            var answer = context.Request.Headers[ServiceKeys.Header] == right ? Instead(path) : Results.Unauthorized();
            await (answer?.ExecuteAsync(context) ?? next(context));
        });
        _app.MapGet(
            "/egress/{subscription}/crm/properties/{type}", (string type) =>
            Results.Json(new JsonObject { ["results"] = PropertiesOf(type).DeepClone() }));
        _app.MapPost("/egress/{subscription}/crm/properties/{type}", (string type, JsonObject property) =>
        {
            PropertiesOf(type).Add(property.DeepClone());
            return Results.Json(property, statusCode: 201);
        });
        _app.MapGet("/egress/{subscription}/crm/pipelines/{type}", (string type) => Results.Json(new JsonObject
        {
            ["results"] = new JsonArray(Pipeline(type == ObjectTypes.Deals)),
        }));
    }

    private static JsonObject Pipeline(bool ofDeals) => new()
    {
        ["id"] = "pipeline",
        ["label"] = "Pipeline",
        ["displayOrder"] = 0,
        ["stages"] = new JsonArray(
            Stage("begin", "Open", 0, ofDeals ? new JsonObject { ["probability"] = "0.2", ["isClosed"] = "false" }
                : new JsonObject { ["state"] = "OPEN" }),
            Stage("end", "Closed", 1, ofDeals ? new JsonObject { ["probability"] = "1.0" } : new JsonObject { ["state"] = "CLOSED" })),
    };

    private static JsonObject Stage(string id, string label, int order, JsonObject metadata) =>
        new() { ["id"] = id, ["label"] = label, ["displayOrder"] = order, ["metadata"] = metadata };
}
