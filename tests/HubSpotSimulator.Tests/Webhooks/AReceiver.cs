using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Webhooks;

/// <summary>Takes webhooks in; how it answers can be said.</summary>
internal sealed class AReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();

    private AReceiver(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First() + "/hooks?a=b");

    /// <summary>The status for the delivery with this number, from 0 on; null gives no answer at all.</summary>
    public Func<int, int?> Answers { get; set; } = _ => 200;

    public static async Task<AReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new AReceiver(app);
        var count = -1;
        app.MapPost("/hooks", async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync(http.RequestAborted);
            var status = receiver.Answers(Interlocked.Increment(ref count));
            receiver._received.Writer.TryWrite(new(body, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString())));
            if (status is null)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted);
            }

            http.Response.StatusCode = status!.Value;
        });
        await app.StartAsync();
        return receiver;
    }

    public Task<Received> NextAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        return _received.Reader.ReadAsync(cancellation).AsTask().WaitAsync(Patience, cancellation);
    }

    public bool HasMore => _received.Reader.TryPeek(out _);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

internal sealed record Received(string Body, IReadOnlyDictionary<string, string> Headers)
{
    public IReadOnlyList<JsonObject> Events => [.. ((JsonArray)JsonNode.Parse(Body)!).Cast<JsonObject>()];

    public IEnumerable<string> Types => Events.Select(e => (string)e["subscriptionType"]!);
}
