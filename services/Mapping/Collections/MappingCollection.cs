using System.Text.Json;

namespace HubSpotBus.Mappings.Collections;

/// <summary>What a mapping collection turns into what.</summary>
public enum CollectionKind
{
    Company,
    Customer,
    Product,
    Variant,
    Order,
    Deal,
    Line,
}

/// <summary>The rules that turn one kind of hub record into a HubSpot object.</summary>
public sealed record MappingCollection
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public required CollectionKind Kind { get; init; }

    /// <summary>The HubSpot object type that the record becomes.</summary>
    public required string ObjectType { get; init; }

    public required IReadOnlyList<PropertyRule> Rules { get; init; }

    /// <summary>What HubSpot cannot do without.</summary>
    public required IReadOnlyList<Requirement> Requirements { get; init; }

    public bool Requires(string property) => Requirements.Any(r => r.AnyOf.Contains(property));

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static MappingCollection FromJson(string json) => JsonSerializer.Deserialize<MappingCollection>(json, Json)
        ?? throw new InvalidOperationException("A stored mapping collection is empty. Delete its row and connect the subscription again.");
}
