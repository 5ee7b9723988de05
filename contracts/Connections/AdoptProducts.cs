namespace HubSpotBus.Contracts.Connections;

/// <summary>Order to ProductPrerequisite: learn which products the account has already, so that none is made a second time.</summary>
public sealed record AdoptProducts
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>Object types on which the account does not keep our key property unique.</summary>
    public required IReadOnlyList<string> KeysNotUnique { get; init; }

    /// <summary>Number of the connect that moved the subscription to its account; what was linked before is forgotten. 0 when it never moved.</summary>
    public int LinksSince { get; init; }
}
