namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>
/// Keys of records in order, in blocks, so that with a million of them adding one, removing one and counting those between two are cheap.
/// </summary>
internal sealed class SortedKeys
{
    private const int MostInBlock = 1024;

    private static readonly Comparer<(string Key, long Id)> Order = Comparer<(string Key, long Id)>.Create((a, b) =>
        string.CompareOrdinal(a.Key, b.Key) is not 0 and var order ? order : a.Id.CompareTo(b.Id));

    private readonly List<List<(string Key, long Id)>> _blocks;

    public SortedKeys(IEnumerable<(string Key, long Id)> keys) =>
        _blocks = [.. keys.Order(Order).Chunk(MostInBlock / 2).Select(chunk => chunk.ToList())];

    public void Add((string Key, long Id) key)
    {
        if (_blocks.Count == 0)
        {
            _blocks.Add([key]);
            return;
        }

        var place = BlockOf(key);
        var block = _blocks[place];
        if (block.BinarySearch(key, Order) is < 0 and var gap)
        {
            block.Insert(~gap, key);
        }

        if (block.Count > MostInBlock)
        {
            _blocks.Insert(place + 1, block[(MostInBlock / 2)..]);
            block.RemoveRange(MostInBlock / 2, block.Count - (MostInBlock / 2));
        }
    }

    public void Remove((string Key, long Id) key)
    {
        if (_blocks.Count == 0)
        {
            return;
        }

        var place = BlockOf(key);
        if (_blocks[place].BinarySearch(key, Order) is >= 0 and var found)
        {
            _blocks[place].RemoveAt(found);
            if (_blocks[place].Count == 0)
            {
                _blocks.RemoveAt(place);
            }
        }
    }

    /// <summary>How many keys come before this one.</summary>
    public int Rank((string Key, long Id) key)
    {
        if (_blocks.Count == 0)
        {
            return 0;
        }

        var place = BlockOf(key);
        var inBlock = _blocks[place].BinarySearch(key, Order);
        return _blocks.Take(place).Sum(b => b.Count) + (inBlock < 0 ? ~inBlock : inBlock);
    }

    /// <summary>The ids from a rank on.</summary>
    public IEnumerable<long> From(int rank)
    {
        foreach (var block in _blocks)
        {
            for (var i = rank; i < block.Count; i++)
            {
                yield return block[i].Id;
            }

            rank = Math.Max(0, rank - block.Count);
        }
    }

    /// <summary>The last block that begins at or before the key.</summary>
    private int BlockOf((string Key, long Id) key)
    {
        var (low, high) = (0, _blocks.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (Order.Compare(_blocks[middle][0], key) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}

/// <summary>Both ends belong to it.</summary>
internal readonly record struct KeyRange((string Key, long Id) First, (string Key, long Id) Last)
{
    public static KeyRange Of(string first, string last) => new((first, 0), (last, long.MaxValue));
}
