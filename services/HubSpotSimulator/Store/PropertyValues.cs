using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>
/// A record's values next to a list of names that it shares with all records of the same properties: a million records in one account
/// need the room.
/// </summary>
internal sealed class PropertyValues : IReadOnlyDictionary<string, string>
{
    private readonly string[] _names;
    private readonly string[] _values;

    private PropertyValues(string[] names, string[] values) => (_names, _values) = (names, values);

    public int Count => _names.Length;

    public IEnumerable<string> Keys => _names;

    public IEnumerable<string> Values => _values;

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    public bool ContainsKey(string key) => Place(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        var place = Place(key);
        value = place < 0 ? null : _values[place];
        return place >= 0;
    }

    /// <summary>The same properties with some other values; null when one of them is new, or loses its value.</summary>
    public PropertyValues? With(ReadOnlySpan<KeyValuePair<string, string>> changes)
    {
        var values = _values.AsSpan().ToArray();
        foreach (var (name, value) in changes)
        {
            var place = Place(name);
            if (place < 0 || value.Length == 0)
            {
                return null;
            }

            values[place] = value;
        }

        return new PropertyValues(_names, values);
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        for (var i = 0; i < _names.Length; i++)
        {
            yield return new(_names[i], _values[i]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int Place(string name) => Array.BinarySearch(_names, name, StringComparer.Ordinal);

    /// <summary>The lists of names in use. Callers hold the portal's gate.</summary>
    internal sealed class Shapes
    {
        private readonly Dictionary<string[], string[]> _shapes = new(new SameNames());

        public PropertyValues Pack(IReadOnlyDictionary<string, string> properties)
        {
            if (properties is PropertyValues packed)
            {
                return packed;
            }

            var names = properties.Keys.ToArray();
            Array.Sort(names, StringComparer.Ordinal);
            if (_shapes.TryGetValue(names, out var known))
            {
                names = known;
            }
            else
            {
                _shapes[names] = names;
            }

            return new PropertyValues(names, Array.ConvertAll(names, n => properties[n]));
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
