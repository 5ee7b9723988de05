using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpot.Batches;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;

namespace HubSpotBus.HubSpot.Tests;

/// <summary>Stands for the egress: answers each call as the test says, and remembers what was asked.</summary>
internal sealed class ScriptedEgress : HttpMessageHandler
{
    private readonly Func<string, JsonObject, (int Status, JsonNode Body)> _answer;

    private ScriptedEgress(Func<string, JsonObject, (int, JsonNode)> answer) => _answer = answer;

    public List<(string Path, JsonObject Body)> Calls { get; } = [];

    public List<HttpRequestMessage> Requests { get; } = [];

    /// <summary>The bodies as they came.</summary>
    public List<string> Texts { get; } = [];

    public string? EgressHeader { get; set; }

    /// <summary>What an answer waits for, once the call has come in.</summary>
    public Func<JsonObject, Task> Until { get; set; } = _ => Task.CompletedTask;

    public static (BatchWriter Writer, ScriptedEgress Egress) Answering(Func<string, JsonObject, (int Status, JsonNode Body)> answer) =>
        Answering<BatchWriter>(answer);

    public static (TClient Client, ScriptedEgress Egress) Answering<TClient>(Func<string, JsonObject, (int Status, JsonNode Body)> answer)
        where TClient : notnull
    {
        var egress = new ScriptedEgress(answer);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Egress:BaseAddress"] = "http://egress", ["Egress:ServiceKey"] = "key" });
        builder.AddHubSpotClient();
        builder.Services.PostConfigureAll<HttpClientFactoryOptions>(options =>
            options.HttpMessageHandlerBuilderActions.Add(client => client.PrimaryHandler = egress));
        return (builder.Build().Services.GetRequiredService<TClient>(), egress);
    }

    /// <summary>A refusal as HubSpot words it.</summary>
    public static JsonObject Error(string message) => new() { ["status"] = "error", ["message"] = message, ["category"] = "VALIDATION_ERROR" };

    /// <summary>HubSpot as it should be: every input becomes a record, in another order than asked.</summary>
    public static (int, JsonNode) Written(JsonObject body, int status = 201) => (status, new JsonObject
    {
        ["results"] = new JsonArray([.. body["inputs"]!.AsArray().Reverse().Select((input, i) => (JsonNode)new JsonObject
        {
            ["id"] = (1000 + i).ToString(),
            ["properties"] = input!["properties"]?.DeepClone(),
        })]),
    });

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var text = await request.Content!.ReadAsStringAsync(cancellationToken);
        var body = (JsonObject)JsonNode.Parse(text)!;
        (int Status, JsonNode Body) answer;
        lock (Calls)
        {
            Calls.Add((request.RequestUri!.AbsolutePath.Split('/', 4)[3], body));
            Requests.Add(request);
            Texts.Add(text);
            answer = _answer(Calls[^1].Path, body);
        }

        await Until(body);

        var response = new HttpResponseMessage((HttpStatusCode)answer.Status) { RequestMessage = request, Content = new StringContent(answer.Body.ToJsonString(), Encoding.UTF8, "application/json") };
        if (answer.Status >= 429)
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(7));
        if (EgressHeader is not null && answer.Status >= 400)
            response.Headers.Add("X-HubSpotBus-Egress", EgressHeader);
        return response;
    }
}
