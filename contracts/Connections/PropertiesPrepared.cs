namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact: the key properties are there and the account's properties and pipelines are known.</summary>
public sealed record PropertiesPrepared
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>Object types that records are written to.</summary>
    public required IReadOnlyList<string> ObjectTypes { get; init; }

    /// <summary>Object types on which the account does not keep our key property unique.</summary>
    public required IReadOnlyList<string> KeysNotUnique { get; init; }
}
