using System.Text.Json;
using System.Text.Json.Serialization;

namespace HubSpotBus.HubSpot.Crm;

/// <summary>Body of a batch call on records.</summary>
public sealed record BatchRequest
{
    /// <summary>The inputs, at most 100.</summary>
    public required IReadOnlyList<BatchInput> Inputs { get; init; }

    /// <summary>For batch read: the unique property that the ids are values of.</summary>
    public string? IdProperty { get; init; }

    /// <summary>For batch read: the properties wanted.</summary>
    public IReadOnlyList<string>? Properties { get; init; }
}

/// <summary>Body of a search.</summary>
public sealed record SearchRequest
{
    /// <summary>Any of these groups.</summary>
    public required IReadOnlyList<SearchGroup> FilterGroups { get; init; }

    /// <summary>The properties wanted.</summary>
    public required IReadOnlyList<string> Properties { get; init; }

    /// <summary>At most 200.</summary>
    public required int Limit { get; init; }
}

/// <summary>All of these filters.</summary>
/// <param name="Filters">At most 6.</param>
public sealed record SearchGroup(IReadOnlyList<SearchFilter> Filters);

/// <summary>A condition on a property.</summary>
/// <param name="PropertyName">The property.</param>
/// <param name="Operator">Such as <c>IN</c>.</param>
/// <param name="Values">In lower case, where the property is text.</param>
public sealed record SearchFilter(string PropertyName, string Operator, IReadOnlyList<string> Values);

/// <summary>One input of a batch call; which members are set depends on the call.</summary>
public sealed record BatchInput
{
    /// <summary>HubSpot id, or the value of <see cref="IdProperty"/>.</summary>
    public string? Id { get; init; }

    /// <summary>For upsert: the unique property that the id is a value of.</summary>
    public string? IdProperty { get; init; }

    /// <summary>Comes back with what became of the input; without it one bad input refuses all.</summary>
    public string? ObjectWriteTraceId { get; init; }

    /// <summary>Properties to set.</summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }

    /// <summary>For create: associations that the record has from the start.</summary>
    public IReadOnlyList<AssociationInput>? Associations { get; init; }
}

/// <summary>An association of a create, or of an association batch.</summary>
public sealed record AssociationInput
{
    /// <summary>The one record (association batches only).</summary>
    public RecordReference? From { get; init; }

    /// <summary>The other record.</summary>
    public required RecordReference To { get; init; }

    /// <summary>Association types.</summary>
    public required IReadOnlyList<AssociationType> Types { get; init; }
}

/// <summary>Body of an association batch.</summary>
public sealed record AssociationRequest
{
    /// <summary>The inputs.</summary>
    public required IReadOnlyList<AssociationInput> Inputs { get; init; }
}

/// <summary>Body of an association batch that removes.</summary>
/// <param name="Inputs">The inputs.</param>
public sealed record DisassociationRequest(IReadOnlyList<DisassociationInput> Inputs);

/// <summary>Records that the first one is no longer to be associated with.</summary>
/// <param name="From">The one record.</param>
/// <param name="To">The others.</param>
public sealed record DisassociationInput(RecordReference From, IReadOnlyList<RecordReference> To);

/// <summary>A record by its id.</summary>
/// <param name="Id">HubSpot id.</param>
public sealed record RecordReference(string Id);

/// <summary>One of HubSpot's own association types.</summary>
/// <param name="AssociationTypeId">Type id, such as 507.</param>
/// <param name="AssociationCategory">Category; HubSpot's own unless said otherwise.</param>
public sealed record AssociationType(int AssociationTypeId, string AssociationCategory = "HUBSPOT_DEFINED");

/// <summary>Answer to a batch call; any field may be missing.</summary>
public sealed record BatchAnswer
{
    /// <summary>The records written or found, in any order.</summary>
    public IReadOnlyList<CrmRecord>? Results { get; init; }

    /// <summary>What was refused.</summary>
    public IReadOnlyList<JsonElement>? Errors { get; init; }
}

/// <summary>A HubSpot record as answers carry it.</summary>
public sealed record CrmRecord
{
    /// <summary>HubSpot id; number or text on the wire, text here.</summary>
    [JsonConverter(typeof(NumberOrText))]
    public string? Id { get; init; }

    /// <summary>Properties; a missing one and null are both "no value".</summary>
    public IReadOnlyDictionary<string, string?>? Properties { get; init; }

    /// <summary>The trace id that the input carried.</summary>
    public string? ObjectWriteTraceId { get; init; }

    /// <summary>The records that it is associated with, by object type, where they were asked for.</summary>
    public IReadOnlyDictionary<string, Listing<CrmRecord>>? Associations { get; init; }
}

/// <summary>A list answer.</summary>
/// <typeparam name="T">What is listed.</typeparam>
public sealed record Listing<T>
{
    /// <summary>What was found.</summary>
    public IReadOnlyList<T>? Results { get; init; }

    /// <summary>Where the list goes on; null on the last page.</summary>
    public Paging? Paging { get; init; }
}

/// <summary>Where a list goes on.</summary>
public sealed record Paging
{
    /// <summary>The next page.</summary>
    public NextPage? Next { get; init; }
}

/// <summary>The next page of a list.</summary>
/// <param name="After">Asked for with this, the list goes on.</param>
public sealed record NextPage(string? After);

/// <summary>A property definition.</summary>
public sealed record PropertyDefinition
{
    /// <summary>Internal name.</summary>
    public string? Name { get; init; }

    /// <summary>Label shown to people.</summary>
    public string? Label { get; init; }

    /// <summary>string, number, bool, enumeration, date or datetime.</summary>
    public string? Type { get; init; }

    /// <summary>text, textarea, select, ...</summary>
    public string? FieldType { get; init; }

    /// <summary>Group that it is shown in.</summary>
    public string? GroupName { get; init; }

    /// <summary>Explains the property to people.</summary>
    public string? Description { get; init; }

    /// <summary>True when no two records may have the same value.</summary>
    public bool? HasUniqueValue { get; init; }

    /// <summary>Allowed values of an enumeration.</summary>
    public IReadOnlyList<PropertyOption>? Options { get; init; }

    /// <summary>What may be changed about it.</summary>
    public ModificationMetadata? ModificationMetadata { get; init; }
}

/// <summary>An allowed value of an enumeration.</summary>
public sealed record PropertyOption
{
    /// <summary>Label shown to people.</summary>
    public string? Label { get; init; }

    /// <summary>The stored value.</summary>
    public string? Value { get; init; }
}

/// <summary>What may be changed about a property.</summary>
public sealed record ModificationMetadata
{
    /// <summary>True when its value is computed by HubSpot.</summary>
    public bool? ReadOnlyValue { get; init; }
}

/// <summary>A pipeline of orders or deals.</summary>
public sealed record Pipeline
{
    /// <summary>Id.</summary>
    public string? Id { get; init; }

    /// <summary>Label shown to people.</summary>
    public string? Label { get; init; }

    /// <summary>Order among the pipelines.</summary>
    public int? DisplayOrder { get; init; }

    /// <summary>The stages.</summary>
    public IReadOnlyList<PipelineStage>? Stages { get; init; }
}

/// <summary>A stage of a pipeline.</summary>
public sealed record PipelineStage
{
    /// <summary>Id.</summary>
    public string? Id { get; init; }

    /// <summary>Label shown to people.</summary>
    public string? Label { get; init; }

    /// <summary>Order within the pipeline.</summary>
    public int? DisplayOrder { get; init; }

    /// <summary>Orders: state OPEN or CLOSED. Deals: probability and isClosed.</summary>
    public IReadOnlyDictionary<string, string?>? Metadata { get; init; }
}

internal sealed class NumberOrText : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => reader.GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
        JsonTokenType.Null => null,
        _ => reader.GetString(),
    };

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
