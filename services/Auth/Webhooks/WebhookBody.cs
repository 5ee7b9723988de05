using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using HubSpotBus.Contracts.Connections;

namespace HubSpotBus.Auth.Webhooks;

/// <summary>Reads the body of a webhook, an array of events. What one event lacks is no reason to lose the others.</summary>
public static class WebhookBody
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
    };

    /// <summary>The events, and how many could not be understood; null when the body is no array.</summary>
    public static (IReadOnlyList<HubSpotEvent> Events, int NotUnderstood)? Read(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                return null;
            var read = document.RootElement.EnumerateArray().Select(Read).ToList();
            return ([.. read.OfType<HubSpotEvent>()], read.Count(e => e is null));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static HubSpotEvent? Read(JsonElement element)
    {
        try
        {
            return element.Deserialize<Said>(_json)?.ToEvent();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What an event says of itself. Number and count of the delivery are not in here: they differ when it is told again.</summary>
    private sealed record Said
    {
        // Milliseconds since 1970 up to the year 9999: no later time can be told.
        private const long LatestTime = 253_402_300_799_999;

        public long? PortalId { get; init; }

        public string? SubscriptionType { get; init; }

        public string? ObjectTypeId { get; init; }

        public long? ObjectId { get; init; }

        public long? OccurredAt { get; init; }

        public string? PropertyName { get; init; }

        public string? PropertyValue { get; init; }

        public string? ChangeSource { get; init; }

        public string? SourceId { get; init; }

        public long? FromObjectId { get; init; }

        public long? ToObjectId { get; init; }

        public string? AssociationType { get; init; }

        public long? AssociationTypeId { get; init; }

        public bool? AssociationRemoved { get; init; }

        public long? PrimaryObjectId { get; init; }

        public long[]? MergedObjectIds { get; init; }

        public long? NewObjectId { get; init; }

        public HubSpotEvent? ToEvent()
        {
            if (PortalId is not { } account || OccurredAt is not (>= 0 and <= LatestTime) || SubscriptionType?.Split('.') is not [var type, var happened])
                return null;
            if (KindOf(happened) is not { } kind || TypeOf(type) is not { } objectType || Subject(kind) is not { } id)
                return null;
            return new HubSpotEvent
            {
                Key = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this))),
                HubSpotAccountId = account,
                ObjectType = objectType,
                Change = new HubSpotChange
                {
                    ObjectId = Text(id),
                    Kind = kind,
                    OccurredAt = DateTimeOffset.FromUnixTimeMilliseconds(OccurredAt.Value),
                    Property = PropertyName,
                    MergedObjectIds = kind == HubSpotChangeKind.Merged ? Merged(id) : [],
                    AssociatedObjectId = kind == HubSpotChangeKind.AssociationChanged && ToObjectId is { } other ? Text(other) : null,
                    Source = ChangeSource,
                    SourceId = SourceId,
                },
            };
        }

        private long? Subject(HubSpotChangeKind kind) => kind switch
        {
            HubSpotChangeKind.AssociationChanged => FromObjectId ?? ObjectId,
            HubSpotChangeKind.Merged => NewObjectId ?? PrimaryObjectId ?? ObjectId,
            _ => ObjectId,
        };

        private List<string> Merged(long survivor) =>
            [.. (MergedObjectIds ?? []).Concat(new[] { PrimaryObjectId, ObjectId }.OfType<long>()).Where(id => id != survivor).Distinct().Select(Text)];

        private string? TypeOf(string type) => type == "object" ? NameOf(ObjectTypeId) : NameOf(type);

        private static string? NameOf(string? type) => type switch
        {
            "contact" or "0-1" => "contacts",
            "company" or "0-2" => "companies",
            "deal" or "0-3" => "deals",
            "ticket" or "0-5" => "tickets",
            "product" or "0-7" => "products",
            "line_item" or "0-8" => "line_items",
            "0-123" => "orders",
            _ => type,
        };

        private static HubSpotChangeKind? KindOf(string happened) => happened switch
        {
            "creation" => HubSpotChangeKind.Created,
            "propertyChange" => HubSpotChangeKind.PropertyChanged,
            "deletion" => HubSpotChangeKind.Deleted,
            "restore" => HubSpotChangeKind.Restored,
            "merge" => HubSpotChangeKind.Merged,
            "associationChange" => HubSpotChangeKind.AssociationChanged,
            "privacyDeletion" => HubSpotChangeKind.PrivacyDeleted,
            _ => null,
        };

        private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
    }
}
