using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>One file of the journal, as it is fetched: what one call did in one account.</summary>
internal sealed record JournalFile(string Offset, long PortalId, DateTimeOffset PublishedAt, int Events, string Json);

/// <summary>What the journal's subscriptions want, kept for three days for the app to fetch.</summary>
internal sealed class Journal(TimeProvider time)
{
    private const int MostEvents = 100_000;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(3);

    private readonly Lock _gate = new();
    private readonly LinkedList<JournalFile> _files = [];
    private readonly Dictionary<string, LinkedListNode<JournalFile>> _byOffset = [];
    private readonly Queue<Snapshot> _snapshots = [];
    private readonly Dictionary<string, Snapshot> _snapshotsById = [];
    private int _events;

    public void Add(ApiCall call, IEnumerable<Happening> happenings)
    {
        if (call.Store.Journaled.All.Count > 0)
        {
            Add(call.Portal.Id, call.Now, [.. happenings.Select(h => JournalEntry.Of(call, h)).OfType<JsonNode>()]);
        }
    }

    public void Add(long portalId, DateTimeOffset now, JsonNode[] events)
    {
        if (events.Length == 0)
        {
            return;
        }

        var offset = RandomId.Uuid();
        var json = new JsonObject
        {
            ["offset"] = offset,
            ["journalEvents"] = new JsonArray(events),
            ["publishedAt"] = Json.Time(now),
        }.ToJsonString(Json.Web);
        lock (_gate)
        {
            _byOffset[offset] = _files.AddLast(new JournalFile(offset, portalId, now, events.Length, json));
            _events += events.Length;
            LeaveOutOld();
        }
    }

    /// <summary>The oldest files, of all accounts or of one.</summary>
    public IReadOnlyList<JournalFile> Earliest(int count, long? portalId)
    {
        lock (_gate)
        {
            LeaveOutOld();
            return [.. From(_files.First, portalId).Take(count)];
        }
    }

    /// <summary>The newest files, the oldest of them first.</summary>
    public IReadOnlyList<JournalFile> Latest(int count, long? portalId)
    {
        lock (_gate)
        {
            LeaveOutOld();
            return [.. _files.Reverse().Where(f => portalId is null || f.PortalId == portalId).Take(count).Reverse()];
        }
    }

    /// <summary>Nothing after the last one; an offset that is unknown, or too old, is refused.</summary>
    public IReadOnlyList<JournalFile> After(string offset, int count, long? portalId)
    {
        lock (_gate)
        {
            LeaveOutOld();
            return _byOffset.TryGetValue(offset, out var file) ? [.. From(file.Next, portalId).Take(count)] : throw Refusal.NotFound();
        }
    }

    public JournalFile? Find(string offset)
    {
        lock (_gate)
        {
            LeaveOutOld();
            return _byOffset.GetValueOrDefault(offset)?.Value;
        }
    }

    public void Remember(Snapshot snapshot)
    {
        lock (_gate)
        {
            _snapshots.Enqueue(snapshot);
            _snapshotsById[snapshot.Id] = snapshot;
            LeaveOutOld();
        }
    }

    public Snapshot? FindSnapshot(string id)
    {
        lock (_gate)
        {
            LeaveOutOld();
            return _snapshotsById.GetValueOrDefault(id);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _files.Clear();
            _byOffset.Clear();
            _snapshots.Clear();
            _snapshotsById.Clear();
            _events = 0;
        }
    }

    private void LeaveOutOld()
    {
        var oldest = time.GetUtcNow() - Kept;
        while (_files.First is { } first && (_events > MostEvents || first.Value.PublishedAt < oldest))
        {
            _files.RemoveFirst();
            _byOffset.Remove(first.Value.Offset);
            _events -= first.Value.Events;
        }

        while (_snapshots.TryPeek(out var snapshot) && snapshot.At < oldest)
        {
            _snapshotsById.Remove(_snapshots.Dequeue().Id);
        }
    }

    private static IEnumerable<JournalFile> From(LinkedListNode<JournalFile>? node, long? portalId)
    {
        for (; node is not null; node = node.Next)
        {
            if (portalId is null || node.Value.PortalId == portalId)
            {
                yield return node.Value;
            }
        }
    }
}
