using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>
/// A record's values next to the names, which it shares with all records of the same properties: a million records in one account need
/// the room.
/// </summary>
internal sealed class PropertyValues : IReadOnlyDictionary<string, string>
{
    private readonly Shape _shape;
    private readonly string[] _values;

    private PropertyValues(Shape shape, string[] values) => (_shape, _values) = (shape, values);

    public int Count => _values.Length;

    public IEnumerable<string> Keys => _shape.Names;

    public IEnumerable<string> Values => _values;

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    public bool ContainsKey(string key) => _shape.Places.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        var isThere = _shape.Places.TryGetValue(key, out var place);
        value = isThere ? _values[place] : null;
        return isThere;
    }

    /// <summary>The same properties with some other values; null when one of them is new, or loses its value.</summary>
    public PropertyValues? With(ReadOnlySpan<KeyValuePair<string, string>> changes)
    {
        var values = _values.AsSpan().ToArray();
        foreach (var (name, value) in changes)
        {
            if (value.Length == 0 || !_shape.Places.TryGetValue(name, out var place))
            {
                return null;
            }

            values[place] = value;
        }

        return new PropertyValues(_shape, values);
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        for (var i = 0; i < _values.Length; i++)
        {
            yield return new(_shape.Names[i], _values[i]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The names in order, and where each one's value is.</summary>
    private sealed class Shape(string[] names)
    {
        public string[] Names => names;

        public Dictionary<string, int> Places { get; } = names.Index().ToDictionary(n => n.Item, n => n.Index, StringComparer.Ordinal);
    }

    /// <summary>The names in use. Callers hold the portal's gate.</summary>
    internal sealed class Shapes
    {
        private readonly Dictionary<string[], Shape> _shapes = new(new SameNames());

        public PropertyValues Pack(IReadOnlyDictionary<string, string> properties)
        {
            if (properties is PropertyValues packed)
            {
                return packed;
            }

            var names = properties.Keys.ToArray();
            Array.Sort(names, StringComparer.Ordinal);
            if (!_shapes.TryGetValue(names, out var shape))
            {
                _shapes[names] = shape = new Shape(names);
            }

            return new PropertyValues(shape, Array.ConvertAll(names, n => properties[n]));
        }
    }

    private sealed class SameNames : IEqualityComparer<string[]>
    {
        public bool Equals(string[]? x, string[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(string[] names)
        {
            var hash = default(HashCode);
            foreach (var name in names)
            {
                hash.Add(name, StringComparer.Ordinal);
            }

            return hash.ToHashCode();
        }
    }
}
