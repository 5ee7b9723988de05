using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Store;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests;

/// <summary>A running simulator, its clock, and a client that has the static token.</summary>
internal sealed class ASimulator : IAsyncDisposable
{
    public const string Northwind = "12345678";

    /// <summary>Where people's changes in HubSpot's own pages are made.</summary>
    public const string People = $"/_simulator/portals/{Northwind}/records";

    private ASimulator(SimulatorHost host, FakeTimeProvider time)
    {
        Host = host;
        Time = time;
        Http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = host.BaseAddress };
        Token = "pat-sim-12345678";
    }

    public SimulatorHost Host { get; }

    public FakeTimeProvider Time { get; }

    public HttpClient Http { get; }

    public string Token { get; set; }

    public static async Task<ASimulator> StartAsync(SimulatorOptions? options = null, FakeTimeProvider? time = null)
    {
        time ??= new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
        return new ASimulator(await SimulatorHost.StartAsync(options, time), time);
    }

    public void Switch(PortalSwitches switches) => Host.Switch(long.Parse(Northwind), switches);

    public Task<Said> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Said> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public async Task<Said> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = Token.Length == 0 ? null : new AuthenticationHeaderValue("Bearer", Token);
        return await SendAsync(request);
    }

    public async Task<Said> SubmitAsync(string path, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))),
        };
        return await SendAsync(request);
    }

    /// <summary>Creates a record and returns its id.</summary>
    public async Task<string> MakeAsync(string type, object properties)
    {
        var said = await PostAsync($"/crm/objects/2026-09/{type}", new { properties });
        said.Status.ShouldBe(201, said.Text);
        return said.Body["id"]!.GetValue<string>();
    }

    public Task<string> MakeOrderAsync(string name = "1") => MakeAsync("orders", new { hs_order_name = name });

    public async Task<JsonArray> RecordsAsync(string type) =>
        (JsonArray)JsonNode.Parse((await GetAsync($"/_simulator/portals/{Northwind}/records/{type}")).Text)!;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
    }

    private async Task<Said> SendAsync(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Said((int)response.StatusCode, text, response.Headers, response.Headers.Location);
    }
}

internal sealed record Said(int Status, string Text, HttpResponseHeaders Headers, Uri? Location)
{
    public JsonObject Body => (JsonObject)JsonNode.Parse(Text)!;

    public string? Message => (string?)Body["message"];

    public string? Category => (string?)Body["category"];

    public IReadOnlyList<JsonObject> Results => [.. ((JsonArray)Body["results"]!).Cast<JsonObject>()];

    public IReadOnlyList<JsonObject> Errors => [.. ((JsonArray?)Body["errors"] ?? []).Cast<JsonObject>()];

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? values.Single() : null;
}
