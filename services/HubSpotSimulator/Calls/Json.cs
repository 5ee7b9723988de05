using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace HubSpotBus.HubSpotSimulator.Calls;

/// <summary>Reading of loosely typed bodies: HubSpot takes numbers for strings nearly everywhere.</summary>
internal static class Json
{
    public static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        DefaultBufferSize = 64 * 1024, // for the state file
    };

    private static readonly JsonWriterOptions Unchecked = new() { Encoder = Web.Encoder, SkipValidation = true };

    private static readonly JsonTypeInfo<LateNode> LateNodes = (JsonTypeInfo<LateNode>)Web.GetTypeInfo(typeof(LateNode));

    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A node that is written straight into the answer: a tree for each of a hundred records costs more than all the rest.</summary>
    public static JsonNode Late(Action<Utf8JsonWriter> write) => JsonValue.Create(new LateNode(write), LateNodes)!;

    /// <summary>Writes all of it, and says how many bytes that were.</summary>
    public static long Write(IBufferWriter<byte> to, JsonNode node)
    {
        using var json = new Utf8JsonWriter(to, Unchecked);
        node.WriteTo(json, Web);
        json.Flush();
        return json.BytesCommitted;
    }

    public static JsonArray Strings(IEnumerable<string> values) => [.. values.Select(v => (JsonNode)JsonValue.Create(v))];

    /// <summary>A string, number or boolean as text; null for everything else.</summary>
    public static string? Text(this JsonNode? node) => node is not JsonValue value
        ? null
        : value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.Number => value.ToJsonString(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => null,
        };

    public static string? Text(this JsonObject body, string name) => body[name].Text();

    public static bool? Flag(this JsonObject body, string name) => bool.TryParse(body.Text(name), out var flag) ? flag : null;

    public static int? Number(this JsonObject body, string name) =>
        int.TryParse(body.Text(name), CultureInfo.InvariantCulture, out var number) ? number : null;

    public static IEnumerable<JsonObject> Objects(this JsonObject body, string name) =>
        (body[name] as JsonArray)?.OfType<JsonObject>() ?? [];

    public static IReadOnlyList<string> Texts(this JsonObject body, string name) =>
        [.. ((body[name] as JsonArray) ?? []).Select(n => n.Text()).OfType<string>()];

    /// <summary>The <c>inputs</c> of a batch, refused beyond the limit.</summary>
    public static IReadOnlyList<JsonObject> Inputs(this JsonObject body, int limit = 100, string what = "")
    {
        var inputs = body.Objects("inputs").ToList();
        if (body["inputs"] is not JsonArray array || array.Count != inputs.Count)
        {
            throw Refusal.Validation("Invalid input JSON: 'inputs' must be an array of objects");
        }

        return inputs.Count <= limit
            ? inputs
            : throw Refusal.Validation(
                $"The maximum number of inputs supported in a batch{what} is {limit}. Please reduce the number of items and try again");
    }

    [JsonConverter(typeof(LateNodeConverter))]
    private sealed record LateNode(Action<Utf8JsonWriter> Write);

    private sealed class LateNodeConverter : JsonConverter<LateNode>
    {
        public override LateNode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Answers are written only.");

        public override void Write(Utf8JsonWriter writer, LateNode value, JsonSerializerOptions options) => value.Write(writer);
    }
}
