using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Products;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Transactions;
using HubSpotBus.Testing;
using Shouldly;

namespace HubSpotBus.Hub.Tests;

/// <summary>The hub alone; spies stand for the services that carry its batch executions out.</summary>
internal sealed class AHub : IAsyncDisposable
{
    public const string AdminKey = "an administrator's key for tests";
    private readonly HttpClient _http;

    private AHub(ServiceUnderTest service)
    {
        Service = service;
        _http = service.CreateClient();
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
    }

    public ServiceUnderTest Service { get; }

    public string Company { get; private set; } = "";

    public string CompanyKey { get; private set; } = "";

    public static async Task<AHub> StartAsync(IReadOnlyDictionary<string, string?>? settings = null)
    {
        var all = new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>())
        {
            ["Hub:AdminKey"] = AdminKey,
            ["Egress:ServiceKey"] = "a service key for tests only",
        };
        all.TryAdd("Egress:BaseAddress", "http://127.0.0.1:9"); // nobody answers there
        var service = await ServiceUnderTest.StartAsync(
            builder => builder.AddHub(),
            bus =>
            {
                bus.AddHubConsumers();
                bus.SpyOnOrder<TransferCustomers>();
                bus.SpyOnOrder<TransferProducts>();
                bus.SpyOnOrder<TransferTransactions>();
            },
            app => app.MapHub(),
            all);
        var hub = new AHub(service);
        var company = await hub.SendAsync(HttpMethod.Post, "/api/companies", """{"name":"Tenant"}""", HttpStatusCode.Created);
        hub.Company = $"/api/companies/{company["id"]}";
        hub.CompanyKey = (string)company["apiKey"]!;
        return hub;
    }

    /// <summary>Subscribes and, as Auth would, says that it is connected.</summary>
    public async Task<string> ConnectedAsync(string settings = """{"name":"HubSpot - Test"}""")
    {
        var (subscription, id) = await SubscribedAsync(settings);
        await Service.PublishAsync(new SubscriptionConnected { SubscriptionId = id, Attempt = 1, HubSpotAccountId = 42, Account = new AccountAbilities() });
        await UntilConnectionAsync(subscription, "connected");
        return subscription;
    }

    /// <summary>A subscription that nobody has connected yet: its path and its id.</summary>
    public async Task<(string Path, Guid Id)> SubscribedAsync(string settings = """{"name":"HubSpot - Test"}""")
    {
        var id = (string)(await SendAsync(HttpMethod.Post, $"{Company}/subscriptions", settings, HttpStatusCode.Created))["id"]!;
        return ($"{Company}/subscriptions/{id}", Guid.Parse(id));
    }

    public Task UntilConnectionAsync(string subscription, string state) => ServiceUnderTest.UntilAsync(
        async () => (string?)(await GetAsync($"{subscription}/connection"))["state"] == state, state);

    public Task<JsonNode> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);

    public Task<JsonNode> PutAsync(string path, string json, HttpStatusCode expected = HttpStatusCode.OK) => SendAsync(HttpMethod.Put, path, json, expected);

    public Task<JsonNode> UploadAsync(string type, params string[] lines) =>
        SendAsync(HttpMethod.Post, $"{Company}/records/{type}", string.Join('\n', lines), HttpStatusCode.OK, "application/x-ndjson");

    public async Task<JsonNode> SendAsync(HttpMethod method, string path, string? body, HttpStatusCode expected, string contentType = "application/json")
    {
        using var answer = await RawAsync(method, path, body, contentType: contentType);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, text);
        return JsonNode.Parse(text)!;
    }

    public async Task<HttpResponseMessage> RawAsync(HttpMethod method, string path, string? body, string? key = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, contentType);
        if (key is not null)
            request.Headers.Authorization = key.Length == 0 ? new AuthenticationHeaderValue("None") : new AuthenticationHeaderValue("Bearer", key);
        return await _http.SendAsync(request);
    }

    public async Task<JsonNode> TransferAsync(string subscription, string type, string id) =>
        ((JsonArray)(await GetAsync($"{subscription}/transfers?dataType={type}&recordId={id}"))["items"]!)[0]!;

    public Task UntilStateAsync(string subscription, string type, string id, string state) => ServiceUnderTest.UntilAsync(
        async () => (string?)(await TransferAsync(subscription, type, id))["state"] == state, $"{type} {id} is {state}");

    /// <summary>Answers a batch of companies or customers as the Customer service would.</summary>
    public Task AnswerAsync(TransferCustomers order, TransferResult result = TransferResult.Transferred, string? problem = null) => Service.PublishAsync(new CustomersTransferred
    {
        BatchId = order.BatchId,
        SubscriptionId = order.SubscriptionId,
        Outcomes =
        [
            .. order.Companies.Select(c => Outcome(DataType.Company, c.Record.Id, result, problem)),
            .. order.Customers.Select(c => Outcome(DataType.Customer, c.Record.Id, result, problem)),
        ],
    });

    public Task AnswerAsync(TransferTransactions order) => Service.PublishAsync(new TransactionsTransferred
    {
        BatchId = order.BatchId,
        SubscriptionId = order.SubscriptionId,
        Outcomes = [.. order.Transactions.Select(t => Outcome(DataType.Transaction, t.Record.Id, TransferResult.Transferred, null))],
    });

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Service.DisposeAsync();
    }

    private static TransferOutcome Outcome(DataType type, string id, TransferResult result, string? problem) => new()
    {
        DataType = type,
        Id = id,
        Result = result,
        HubSpotId = result == TransferResult.Transferred ? $"hs-{id}" : null,
        Problems = problem is null ? [] : [new Problem { Message = problem }],
    };
}
