using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HubSpotBus.Testing;

/// <summary>A simulated HubSpot with the least of an egress in front: the path without version goes on with version and token.</summary>
public sealed class ASimulatedHubSpot : IAsyncDisposable
{
    private const string Version = "2026-09";
    private const string Token = "pat-sim-12345678";
    public const long PortalId = 12345678;
    private readonly WebApplication _egress;

    private ASimulatedHubSpot(SimulatorHost simulator, WebApplication egress)
    {
        Simulator = simulator;
        _egress = egress;
    }

    public SimulatorHost Simulator { get; }

    /// <summary>Settings for a service under test.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Egress:BaseAddress"] = _egress.Urls.First(),
        ["Egress:ServiceKey"] = "a key for tests only",
    };

    /// <summary>Starts both, and makes our key properties unless told otherwise.</summary>
    public static async Task<ASimulatedHubSpot> StartAsync(bool withKeyProperties = true)
    {
        var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { EnforceLimits = false, SearchIndexDelay = TimeSpan.Zero, StaticToken = Token });
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var egress = builder.Build();
        var http = new HttpClient { BaseAddress = simulator.BaseAddress };
        egress.Map("/egress/{subscriptionId}/{**path}", context => ForwardAsync(http, context));
        await egress.StartAsync();
        var hubSpot = new ASimulatedHubSpot(simulator, egress);
        if (withKeyProperties)
            await hubSpot.MakeKeyPropertiesAsync();
        return hubSpot;
    }

    /// <summary>The records of a type as the account has them.</summary>
    public async Task<IReadOnlyList<JsonNode>> RecordsAsync(string type)
    {
        using var http = Simulator.CreateClient();
        return [.. (await http.GetFromJsonAsync<JsonArray>($"/_simulator/portals/{PortalId}/records/{type}"))!.Select(record => record!)];
    }

    /// <summary>Makes a record as somebody else would; returns its id.</summary>
    public async Task<string> CreateAsync(string type, object properties)
    {
        using var http = Simulator.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        using var answer = await http.PostAsJsonAsync($"/crm/objects/{Version}/{type}", new { properties });
        answer.EnsureSuccessStatusCode();
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["id"]!;
    }

    /// <summary>Makes one of our key properties anew, not unique, as in an account that keeps no more unique ones.</summary>
    public async Task ReplaceKeyPropertyAsync(string type, string name)
    {
        using var http = Simulator.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        using var deleted = await http.DeleteAsync($"/crm/properties/{Version}/{type}/{name}");
        deleted.EnsureSuccessStatusCode();
        await MakeKeyPropertyAsync(http, type, name, unique: false);
    }

    public async ValueTask DisposeAsync()
    {
        await _egress.DisposeAsync();
        await Simulator.DisposeAsync();
    }

    private async Task MakeKeyPropertiesAsync()
    {
        using var http = Simulator.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        foreach (var (type, name) in new[]
        {
            ("companies", "hub_company_id"), ("contacts", "hub_customer_id"), ("products", "hub_product_id"),
            ("orders", "hub_transaction_id"), ("deals", "hub_transaction_id"), ("line_items", "hub_line_id"),
        })
            await MakeKeyPropertyAsync(http, type, name, unique: true);
        Simulator.Calls.Reset();
    }

    private static async Task MakeKeyPropertyAsync(HttpClient http, string type, string name, bool unique)
    {
        using var answer = await http.PostAsJsonAsync($"/crm/properties/{Version}/{type}", new
        {
            name, label = name, type = "string", fieldType = "text", groupName = "hub", hasUniqueValue = unique,
        });
        answer.EnsureSuccessStatusCode();
    }

    private static async Task ForwardAsync(HttpClient http, HttpContext context)
    {
        var path = ((string)context.Request.RouteValues["path"]!).Split('/');
        var versioned = path[0] == "crm" ? string.Join('/', path.Take(2).Append(Version).Concat(path.Skip(2))) : $"{path[0]}/{Version}/{string.Join('/', path.Skip(1))}";
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), $"/{versioned}{context.Request.QueryString}");
        request.Headers.Authorization = new("Bearer", Token);
        if (context.Request.Method != "GET")
            request.Content = new StreamContent(context.Request.Body);
        try
        {
            using var answer = await http.SendAsync(request, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            if ((int)answer.StatusCode >= 500)
                context.Response.Headers["X-HubSpotBus-Egress"] = "unanswered";
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (HttpRequestException)
        {
            context.Response.StatusCode = 502;
            context.Response.Headers["X-HubSpotBus-Egress"] = "unanswered";
        }
    }
}
