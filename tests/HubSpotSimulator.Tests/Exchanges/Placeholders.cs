using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace HubSpotBus.HubSpotSimulator.Tests.Exchanges;

/// <summary>Compares answers, and remembers what <c>{{kind:name}}</c> stood for.</summary>
internal sealed partial class Placeholders
{
    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["id"] = @"\d+",
        ["time"] = @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z",
        ["uuid"] = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        ["text"] = "[^\"]+",
        ["any"] = ".*",
    };

    private readonly Dictionary<string, string> _known = [];

    public string this[string name]
    {
        set => _known[name] = value;
    }

    /// <summary>Puts in what is known by name.</summary>
    public string Fill(string text) => Known().Replace(text, m => _known[m.Groups[1].Value]);

    public JsonNode? Fill(JsonNode? body) => body is null ? null : JsonNode.Parse(Fill(body.ToJsonString()));

    /// <summary>The places where the answer is not what was expected.</summary>
    public IEnumerable<string> Differences(JsonNode? expected, JsonNode? actual, string path = "$")
    {
        switch (expected)
        {
            case JsonObject members when actual is JsonObject has:
                foreach (var (name, value) in members)
                {
                    var (isThere, found) = (has.TryGetPropertyValue(name, out var node), node);
                    var problems = value is JsonValue text && text.GetValueKind() == JsonValueKind.String && text.ToString() == "{{absent}}"
                        ? isThere ? [$"{path}.{name} should be absent"] : []
                        : isThere ? Differences(value, found, $"{path}.{name}") : [$"{path}.{name} is missing"];
                    foreach (var problem in problems)
                    {
                        yield return problem;
                    }
                }

                break;

            case JsonArray items when actual is JsonArray has && items.Count == has.Count:
                foreach (var problem in items.Zip(has, (i, h) => (i, h)).SelectMany((p, n) => Differences(p.i, p.h, $"{path}[{n}]")))
                {
                    yield return problem;
                }

                break;

            case JsonValue value when value.GetValueKind() == JsonValueKind.String && Matches(value.GetValue<string>(), actual):
            case var same when JsonNode.DeepEquals(same, actual):
                break;

            default:
                yield return $"{path} should be {expected?.ToJsonString()} and is {actual?.ToJsonString() ?? "null"}";
                break;
        }
    }

    /// <summary><c>{{number:name}}</c> stands for an id that is a JSON number, all others for text.</summary>
    private bool Matches(string expected, JsonNode? actual)
    {
        if (actual is not JsonValue value)
        {
            return false;
        }

        var isNumber = value.GetValueKind() == JsonValueKind.Number;
        if (isNumber != expected.StartsWith("{{number", StringComparison.Ordinal))
        {
            return false;
        }

        var names = new List<string>();
        var pattern = Regex.Replace(Regex.Escape(expected), @"\\\{\\\{(\w+)(?::(\w+))?}}", m =>
        {
            var (kind, name) = (m.Groups[1].Value, m.Groups[2].Value);
            if (name.Length == 0)
            {
                return _known.TryGetValue(kind, out var given) ? Regex.Escape(given) : KindOf(kind);
            }

            names.Add(name);
            return _known.TryGetValue(name, out var before) ? $"(?<{name}>{Regex.Escape(before)})" : $"(?<{name}>{KindOf(kind)})";
        });
        var match = Regex.Match(value.ToString(), $"^{pattern}$", RegexOptions.Singleline);
        names.ForEach(n => _known[n] = match.Success ? match.Groups[n].Value : _known.GetValueOrDefault(n, ""));
        return match.Success;
    }

    private static string KindOf(string kind) => kind == "number" ? @"\d+" : Kinds[kind];

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Known();
}
