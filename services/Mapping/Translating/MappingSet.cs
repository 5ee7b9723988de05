using HubSpotBus.Mappings.Collections;
using HubSpotBus.Mappings.Schema;

namespace HubSpotBus.Mappings.Translating;

/// <summary>A subscription's mapping collections, fitted to its account.</summary>
public sealed class MappingSet
{
    private readonly Dictionary<CollectionKind, FittedCollection> _collections;

    /// <param name="collections">The rules.</param>
    /// <param name="account">The account's object types, as far as they are known.</param>
    /// <param name="currencies">The account's currencies; empty while they are not known.</param>
    public MappingSet(
        IReadOnlyList<MappingCollection> collections, IReadOnlyList<ObjectSchema> account, IReadOnlyList<string>? currencies = null)
    {
        Currencies = currencies ?? [];
        _collections = collections.ToDictionary(
            c => c.Kind, c => new FittedCollection(c, account.FirstOrDefault(s => s.ObjectType == c.ObjectType)));
        LeftOut = [.. collections.SelectMany(c => _collections[c.Kind].LeftOut.Select(p => $"{c.ObjectType}.{p}")).Distinct()
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>Properties that the rules fill but the account does not have or does not let us write.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>The account's currencies; empty while they are not known.</summary>
    public IReadOnlyList<string> Currencies { get; }

    /// <param name="kind">Of the record.</param>
    /// <param name="fields">Of the record.</param>
    /// <param name="stages">The subscription's own stages of statuses.</param>
    public Translation Translate(CollectionKind kind, FieldReader fields, IReadOnlyDictionary<string, string>? stages = null) =>
        _collections.TryGetValue(kind, out var collection)
            ? collection.Translate(fields, stages)
            : new Translation(new Dictionary<string, string>(), [Problems.Of("mapping", null,
            $"The subscription has no mapping collection for {kind}. Switch on Create Default Mappings in its settings and connect it again.")]);
}
