using System.Text.Json.Serialization;

namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>
/// One state of a record. Never changed in place: a write puts a new one into the table, so that readers and the delayed search index
/// keep what they hold.
/// </summary>
public sealed record CrmRecord
{
    public required string Id { get; init; }

    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? ArchivedAt { get; init; }

    /// <summary>What changed since the record was created, newest first; null when nothing did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PropertyChange>? History { get; init; }

    public string? this[string property] => Properties.TryGetValue(property, out var value) && value.Length > 0 ? value : null;
}
