using HubSpotBus.Contracts.Records;
using HubSpotBus.Mappings.Collections;
using HubSpotBus.Mappings.Schema;

namespace HubSpotBus.Mappings.Translating;

/// <summary>The properties of one record, in order of their names, and all that is wrong with it.</summary>
public sealed record Translation(IReadOnlyDictionary<string, string> Properties, IReadOnlyList<Problem> Problems);

/// <summary>A mapping collection fitted to an account: what the account does not have, or does not let us write, is left out.</summary>
public sealed class FittedCollection
{
    private readonly MappingCollection _collection;
    private readonly IReadOnlyList<PropertyRule> _rules;
    private readonly Dictionary<string, PropertyDefinition> _definitions;
    private readonly Pipeline? _pipeline;

    /// <param name="collection">The rules.</param>
    /// <param name="schema">The account's object type; null while it is not known, which leaves nothing out and checks less.</param>
    public FittedCollection(MappingCollection collection, ObjectSchema? schema)
    {
        _collection = collection;
        _pipeline = schema?.Pipeline;
        _definitions = schema?.Properties.ToDictionary(p => p.Name, StringComparer.Ordinal) ?? [];
        _rules = schema is null
            ? collection.Rules
            : [.. collection.Rules.Where(r => collection.Requires(r.Property) || Writable(r.Property))];
        LeftOut = [.. collection.Rules.Except(_rules).Select(r => r.Property)];
    }

    public IReadOnlyList<string> LeftOut { get; }

    public Translation Translate(FieldReader fields, IReadOnlyDictionary<string, string>? stages = null)
    {
        var input = new RuleInput(fields, _pipeline) { Stages = stages };
        var properties = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var problems = new List<Problem>();
        var troubled = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (property, rule) in _rules)
        {
            var applied = rule.Apply(input);
            // An empty value would blank what HubSpot has.
            if (applied.Value is { Length: > 0 } value)
            {
                var field = string.Join(" or ", rule.Reads.DefaultIfEmpty(property));
                applied = PropertyCheck.Check(property, value, _definitions.GetValueOrDefault(property), field);
            }

            if (applied.Value is { Length: > 0 } fit)
                properties[property] = fit;
            if (applied.Problem is { } problem)
            {
                problems.Add(problem);
                troubled.Add(property);
            }
        }

        // What is wrong is not also missing.
        problems.AddRange(_collection.Requirements
            .Where(r => !r.AnyOf.Any(p => properties.ContainsKey(p) || troubled.Contains(p)))
            .Select(r => Problems.Of(string.Join(" or ", r.AnyOf.SelectMany(FieldsOf).Distinct()), null, r.Message)));
        return new Translation(properties, problems);
    }

    private bool Writable(string property) => _definitions.TryGetValue(property, out var definition) && !definition.ReadOnly;

    private IEnumerable<string> FieldsOf(string property) =>
        _collection.Rules.Where(r => r.Property == property).SelectMany(r => r.Rule.Reads).DefaultIfEmpty(property);
}
