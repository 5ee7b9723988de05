using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>Something that happened to a record and may be told. <c>Event</c> is the second half of a subscription's type.</summary>
internal sealed record Happening(string Event, ObjectType Type, string Id)
{
    /// <summary>What changed; each property is an event of its own.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Changes { get; init; } = [];

    /// <summary>What only this kind of event says.</summary>
    public JsonObject More { get; init; } = [];

    public IEnumerable<JsonObject> For(WebhookSubscription subscription)
    {
        if (!subscription.Active || !Fits(subscription))
        {
            return [];
        }

        return Event != "propertyChange"
            ? [(JsonObject)More.DeepClone()]
            : Changes.Where(c => subscription.PropertyName is null || subscription.PropertyName == c.Key).Select(c =>
                new JsonObject { ["propertyName"] = c.Key, ["propertyValue"] = c.Value });
    }

    private bool Fits(WebhookSubscription subscription) =>
        subscription.SubscriptionType == $"object.{Event}"
            ? ObjectType.Find(subscription.ObjectTypeId ?? "") == Type
            : subscription.SubscriptionType == $"{Type.Singular}.{Event}" && Type != ObjectType.Orders;
}
