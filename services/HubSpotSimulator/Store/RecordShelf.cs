using System.Runtime.InteropServices;

namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>Records by id and in the order of their ids, so that a page costs the page and not the whole list.</summary>
internal sealed class RecordShelf
{
    private readonly Dictionary<long, CrmRecord> _records = [];

    // Sorted; ids of records that left stay until they are half of all.
    private readonly List<long> _ids = [];

    public int Count => _records.Count;

    public CrmRecord? Find(long id) => _records.GetValueOrDefault(id);

    public IEnumerable<CrmRecord> From(long id)
    {
        var place = _ids.BinarySearch(id);
        for (var i = place < 0 ? ~place : place; i < _ids.Count; i++)
        {
            if (_records.TryGetValue(_ids[i], out var record))
            {
                yield return record;
            }
        }
    }

    public void Put(long id, CrmRecord record)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_records, id, out var isKnown);
        place = record;
        if (isKnown)
        {
            return;
        }

        if (_ids.Count == 0 || id > _ids[^1])
        {
            _ids.Add(id);
        }
        else if (_ids.BinarySearch(id) is < 0 and var gap)
        {
            _ids.Insert(~gap, id);
        }
    }

    public CrmRecord? Take(long id)
    {
        if (!_records.Remove(id, out var record))
        {
            return null;
        }

        if (_ids.Count > 2 * _records.Count + 100)
        {
            _ids.RemoveAll(i => !_records.ContainsKey(i));
        }

        return record;
    }
}
