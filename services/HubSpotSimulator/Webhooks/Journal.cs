using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>One file of the journal, as it is fetched.</summary>
internal sealed record JournalFile(string Offset, DateTimeOffset PublishedAt, int Events, string Json);

/// <summary>What webhooks tell, kept for three days for the app to fetch: one file for each call that did something.</summary>
internal sealed class Journal
{
    private const int MostEvents = 100_000;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(3);

    private readonly Lock _gate = new();
    private readonly LinkedList<JournalFile> _files = [];
    private readonly Dictionary<string, LinkedListNode<JournalFile>> _byOffset = [];
    private int _events;

    public void Add(ApiCall call, IEnumerable<Happening> happenings, IReadOnlyList<WebhookSubscription> subscriptions)
    {
        var events = happenings.Select(h => Event(call, h, [.. subscriptions.SelectMany(h.For)])).OfType<JsonNode>().ToArray();
        if (events.Length == 0)
        {
            return;
        }

        var offset = RandomId.Uuid();
        var json = new JsonObject
        {
            ["offset"] = offset,
            ["journalEvents"] = new JsonArray(events),
            ["publishedAt"] = Json.Time(call.Now),
        }.ToJsonString(Json.Web);
        lock (_gate)
        {
            _byOffset[offset] = _files.AddLast(new JournalFile(offset, call.Now, events.Length, json));
            _events += events.Length;
            while (_files.First is { } first && (_events > MostEvents || first.Value.PublishedAt < call.Now - Kept))
            {
                _files.RemoveFirst();
                _byOffset.Remove(first.Value.Offset);
                _events -= first.Value.Events;
            }
        }
    }

    public JournalFile? Earliest()
    {
        lock (_gate)
        {
            return _files.First?.Value;
        }
    }

    public JournalFile? Latest()
    {
        lock (_gate)
        {
            return _files.Last?.Value;
        }
    }

    public JournalFile? Find(string offset)
    {
        lock (_gate)
        {
            return _byOffset.GetValueOrDefault(offset)?.Value;
        }
    }

    /// <summary>Nothing after the last one; an offset that is unknown, or too old, is refused.</summary>
    public JournalFile? After(string offset)
    {
        lock (_gate)
        {
            return _byOffset.TryGetValue(offset, out var file) ? file.Next?.Value : throw Refusal.NotFound();
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _files.Clear();
            _byOffset.Clear();
            _events = 0;
        }
    }

    /// <summary>A record's changes are one event here; <paramref name="told"/> is what its subscriptions have of it.</summary>
    private static JsonObject? Event(ApiCall call, Happening happening, IReadOnlyList<JsonObject> told)
    {
        if (told.Count == 0)
        {
            return null;
        }

        var journaled = new JsonObject
        {
            ["type"] = happening.Event == "associationChange" ? "ASSOCIATION" : "OBJECT",
            ["portalId"] = call.Portal.Id,
            ["occurredAt"] = Json.Time(call.Now),
            ["action"] = Action(happening),
        };
        if (happening.Event == "associationChange")
        {
            if (call.Portal.Associations.Types.Find((int)happening.More["associationTypeId"]!) is not { } type)
            {
                return null; // its label is deleted by now
            }

            journaled["fromObjectTypeId"] = type.From.TypeId;
            journaled["fromObjectId"] = happening.More["fromObjectId"]!.DeepClone();
            journaled["toObjectTypeId"] = type.To.TypeId;
            journaled["toObjectId"] = happening.More["toObjectId"]!.DeepClone();
            journaled["associationTypeId"] = type.Id;
            journaled["associationCategory"] = type.Category;
            journaled["isPrimary"] = type.IsPrimary;
            return journaled;
        }

        journaled["objectTypeId"] = happening.Type.TypeId;
        journaled["objectId"] = long.Parse(happening.Id);
        if (happening.Event == "propertyChange")
        {
            journaled["propertyChanges"] = new JsonObject(told
                .DistinctBy(t => (string)t["propertyName"]!)
                .Select(t => KeyValuePair.Create((string)t["propertyName"]!, t["propertyValue"]?.DeepClone())));
        }

        if (happening.More["mergedObjectIds"] is { } merged)
        {
            journaled["mergedObjectIds"] = merged.DeepClone();
        }

        return journaled;
    }

    private static string Action(Happening happening) => happening.Event switch
    {
        "creation" => "CREATE",
        "propertyChange" => "UPDATE",
        "deletion" => "DELETE",
        "privacyDeletion" => "GDPR_DELETE",
        "associationChange" => (bool)happening.More["associationRemoved"]! ? "ASSOCIATION_REMOVED" : "ASSOCIATION_ADDED",
        var other => other.ToUpperInvariant(),
    };
}
