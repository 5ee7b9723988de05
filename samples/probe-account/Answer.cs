using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubSpotBus.Samples.ProbeAccount;

/// <summary>What HubSpot said. Every field of a body may be missing.</summary>
internal sealed record Answer(int Status, string Text, HttpResponseHeaders Headers)
{
    public JsonObject Body { get; } = Parse(Text);

    public bool IsSuccess => Status is >= 200 and < 300;

    public string? this[string name] => TextOf(Body[name]);

    public IReadOnlyList<JsonObject> Results => Objects(Body["results"]);

    public JsonObject? First => FirstOf(Body["results"]);

    public IReadOnlyList<JsonObject> Errors => Objects(Body["errors"]);

    /// <summary>Status and category: what facts are compared by.</summary>
    public string Said => this["category"] is { } category ? $"{Status} {category}" : $"{Status}";

    /// <summary>The bit of the body that a person wants to see: a message, else the beginning.</summary>
    public string Telling => Shortened(this["message"] ?? TextOf(FirstOf(Body["errors"])?["message"]) ?? Text);

    /// <summary>Scopes that a 403 asks for; an older form has them at the top.</summary>
    public IEnumerable<string> RequiredScopes => Errors.Append(Body)
        .SelectMany(e => (e["context"] as JsonObject)?["requiredGranularScopes"] as JsonArray ?? [])
        .Select(TextOf)
        .OfType<string>();

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    /// <summary>A text, number or truth value as text; null for everything else.</summary>
    public static string? TextOf(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.String => node.GetValue<string>(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => node.ToJsonString(),
        _ => null,
    };

    public static string? Property(JsonObject? record, string name) => TextOf((record?["properties"] as JsonObject)?[name]);

    public static IReadOnlyList<JsonObject> Objects(JsonNode? node) => [.. (node as JsonArray ?? []).OfType<JsonObject>()];

    public static JsonObject? FirstOf(JsonNode? node) => Objects(node) is [var first, ..] ? first : null;

    private static string Shortened(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= 300 ? line : line[..300] + " ...";
    }

    private static JsonObject Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
