using System.Text.Json.Serialization;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Mappings.Schema;

namespace HubSpotBus.Mappings.Collections;

/// <summary>Reads a field of a hub record by name: text, decimal, DateTimeOffset or null.</summary>
public delegate object? FieldReader(string field);

/// <summary>What a rule works on.</summary>
public sealed record RuleInput(FieldReader Fields, Pipeline? Pipeline)
{
    /// <summary>The subscription's own stages of statuses, which go before those of a rule.</summary>
    public IReadOnlyDictionary<string, string>? Stages { get; init; }

    /// <summary>The field as text; an empty or blank one is no value.</summary>
    public string? Text(string field) => Write(Fields(field));

    private static string? Write(object? value)
    {
        var text = value switch
        {
            null => null,
            string plain => plain,
            decimal number => Format.Number(number),
            DateTimeOffset time => Format.Time(time),
            _ => throw new InvalidOperationException(
                $"A field cannot be a {value.GetType().Name}: let its table give text, decimal or time."),
        };
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }
}

/// <summary>What a rule found: a value, nothing, or why there cannot be one.</summary>
public readonly record struct Applied(string? Value, Problem? Problem = null)
{
    public static implicit operator Applied(string? value) => new(value);
}

/// <summary>How a property gets its value: a closed set, kept as JSON; see Rules.cs and PipelineRules.cs.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "rule")]
[JsonDerivedType(typeof(FromField), "field")]
[JsonDerivedType(typeof(Constant), "constant")]
[JsonDerivedType(typeof(FirstOf), "firstOf")]
[JsonDerivedType(typeof(Join), "join")]
[JsonDerivedType(typeof(Lookup), "lookup")]
[JsonDerivedType(typeof(NumberOf), "number")]
[JsonDerivedType(typeof(DateTimeOf), "dateTime")]
[JsonDerivedType(typeof(EmailOf), "email")]
[JsonDerivedType(typeof(DomainOf), "domain")]
[JsonDerivedType(typeof(CurrencyOf), "currency")]
[JsonDerivedType(typeof(PipelineOf), "pipeline")]
[JsonDerivedType(typeof(StageOf), "stage")]
public abstract record Rule
{
    /// <summary>The hub fields that it reads.</summary>
    [JsonIgnore]
    public abstract IEnumerable<string> Reads { get; }

    public abstract Applied Apply(RuleInput input);
}

/// <summary>One property and the rule that fills it.</summary>
public sealed record PropertyRule(string Property, Rule Rule);

/// <summary>HubSpot needs one of these properties; the message says what to do in the hub when all are empty.</summary>
public sealed record Requirement(IReadOnlyList<string> AnyOf, string Message);
