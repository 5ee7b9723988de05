using System.Text.Json.Nodes;

namespace HubSpotBus.HubSpotSimulator.Calls;

/// <summary>What a handler says; status 0 means that the connection is cut.</summary>
internal sealed record Answer(int Status, JsonNode? Body = null)
{
    public string? Location { get; init; }

    public int? RetryAfterSeconds { get; init; }

    public static Answer Ok(JsonNode body) => new(200, body);

    public static Answer Created(JsonNode body) => new(201, body);

    public static Answer NoContent() => new(204);

    /// <summary>The envelope of all batch calls: 207 as soon as one input failed.</summary>
    public static Answer Batch(DateTimeOffset now, IEnumerable<JsonNode> results, IReadOnlyCollection<JsonNode> errors, int success = 200)
    {
        var body = new JsonObject
        {
            ["status"] = "COMPLETE",
            ["results"] = new JsonArray([.. results]),
            ["startedAt"] = Json.Time(now),
            ["completedAt"] = Json.Time(now),
        };
        if (errors.Count == 0)
        {
            return new Answer(success, body);
        }

        body["numErrors"] = errors.Count;
        body["errors"] = new JsonArray([.. errors]);
        return new Answer(207, body);
    }
}
