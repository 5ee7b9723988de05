using System.Text.Json;
using System.Text.Json.Serialization;

namespace HubSpotBus.Mappings.Schema;

/// <summary>One choice of a dropdown.</summary>
public sealed record PropertyOption(string Value, string Label);

/// <summary>What the account says about one property, as far as translating needs it.</summary>
public sealed record PropertyDefinition
{
    public required string Name { get; init; }

    /// <summary>What people call it.</summary>
    public string? Label { get; init; }

    /// <summary>HubSpot's type: string, number, bool, enumeration, date, datetime.</summary>
    public required string Type { get; init; }

    /// <summary>HubSpot's field type; a checkbox takes several options.</summary>
    public string? FieldType { get; init; }

    public IReadOnlyList<PropertyOption> Options { get; init; } = [];

    public bool Unique { get; init; }

    /// <summary>Calculated or otherwise closed to us: HubSpot refuses a value.</summary>
    public bool ReadOnly { get; init; }
}

/// <summary>A stage; its probability, which deals have, is 1 when won and 0 when lost.</summary>
public sealed record PipelineStage(string Id, string Label, int DisplayOrder, bool Closed, decimal? Probability = null);

public sealed record Pipeline(string Id, string Label, int DisplayOrder, IReadOnlyList<PipelineStage> Stages)
{
    /// <summary>The stages as people see them.</summary>
    [JsonIgnore]
    public IEnumerable<PipelineStage> InOrder => Stages.OrderBy(s => s.DisplayOrder).ThenBy(s => s.Id, StringComparer.Ordinal);
}

/// <summary>What the account says about one object type.</summary>
public sealed record ObjectSchema
{
    public required string ObjectType { get; init; }

    public required IReadOnlyList<PropertyDefinition> Properties { get; init; }

    public IReadOnlyList<Pipeline> Pipelines { get; init; } = [];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The pipeline that transactions go to: the account's first.</summary>
    [JsonIgnore]
    public Pipeline? Pipeline => Pipelines.OrderBy(p => p.DisplayOrder).ThenBy(p => p.Id, StringComparer.Ordinal).FirstOrDefault();

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static ObjectSchema FromJson(string json) => JsonSerializer.Deserialize<ObjectSchema>(json, Json)
        ?? throw new InvalidOperationException("A stored account schema is empty. Connect the subscription again.");
}
