using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>What the journal says of something that happened; a record's changes are one event here.</summary>
internal static class JournalEntry
{
    /// <summary>Null when no subscription wants it.</summary>
    public static JsonObject? Of(ApiCall call, Happening happening)
    {
        var tie = happening.Event == "associationChange"
            ? call.Portal.Associations.Types.Find((int)happening.More["associationTypeId"]!)
            : null;
        if (happening.Event == "associationChange" && tie is null)
        {
            return null; // its label is deleted by now
        }

        var what = new JournalEvent(
            SubscriptionType(happening), Action(happening), call.Portal.Id, happening.Type.TypeId, happening.Id, tie?.To.TypeId);
        var table = call.Portal.Table(happening.Type);
        CrmRecord? record;
        lock (call.Portal.Gate)
        {
            record = table.Find(what.ObjectId) ?? table.FindArchived(what.ObjectId);
        }

        var wanted = call.Store.Journaled.All.Where(s => s.Fits(what, record)).ToList();
        var changes = happening.Changes.Where(c => wanted.Any(s => s.Properties.Count == 0 || s.Properties.Contains(c.Key))).ToList();
        if (wanted.Count == 0 || (happening.Event == "propertyChange" && changes.Count == 0))
        {
            return null;
        }

        var entry = New(call.Now, what);
        if (tie is not null)
        {
            entry["type"] = "ASSOCIATION";
            entry["fromObjectTypeId"] = what.ObjectTypeId;
            entry["fromObjectId"] = happening.More["fromObjectId"]!.DeepClone();
            entry["toObjectTypeId"] = what.ToTypeId;
            entry["toObjectId"] = happening.More["toObjectId"]!.DeepClone();
            entry["associationTypeId"] = tie.Id;
            entry["associationCategory"] = tie.Category;
            entry["isPrimary"] = tie.IsPrimary;
            return entry;
        }

        WithObject(entry, what);
        if (changes.Count > 0)
        {
            entry["propertyChanges"] = Values(changes);
        }

        if (happening.More["mergedObjectIds"] is { } merged)
        {
            entry["mergedObjectIds"] = merged.DeepClone();
        }

        return entry;
    }

    /// <summary>A record as it is, because the app asked for it.</summary>
    public static JsonObject OfSnapshot(DateTimeOffset now, Portal portal, ObjectType type, CrmRecord record, IEnumerable<string> properties)
    {
        var what = new JournalEvent(JournalSubscription.OfObjects, "SNAPSHOT", portal.Id, type.TypeId, record.Id);
        var entry = WithObject(New(now, what), what);
        entry["propertyChanges"] = Values(properties.Distinct().Select(p => KeyValuePair.Create(p, record[p] ?? "")));
        return entry;
    }

    private static JsonObject New(DateTimeOffset now, JournalEvent what) => new()
    {
        ["type"] = "OBJECT",
        ["portalId"] = what.PortalId,
        ["occurredAt"] = Json.Time(now),
        ["action"] = what.Action,
    };

    private static JsonObject WithObject(JsonObject entry, JournalEvent what)
    {
        entry["objectTypeId"] = what.ObjectTypeId;
        entry["objectId"] = long.Parse(what.ObjectId);
        return entry;
    }

    private static JsonObject Values(IEnumerable<KeyValuePair<string, string>> values) =>
        new(values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)JsonValue.Create(v.Value))));

    private static string SubscriptionType(Happening happening) => happening.Event switch
    {
        "associationChange" => JournalSubscription.OfAssociations,
        "privacyDeletion" => JournalSubscription.OfPrivacyDeletions,
        _ => JournalSubscription.OfObjects,
    };

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
