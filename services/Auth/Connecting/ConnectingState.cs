using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults;
using MassTransit;

namespace HubSpotBus.Auth.Connecting;

/// <summary>How far the connecting of a subscription has come. One per subscription.</summary>
public sealed class ConnectingState : SagaStateMachineInstance, IVersioned
{
    /// <summary>The subscription.</summary>
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    /// <summary>Number of the connect.</summary>
    public int Attempt { get; set; }

    /// <summary>How often the present step was ordered.</summary>
    public int Tries { get; set; }

    /// <summary>Orders sent so far; part of their MessageIds, so that only the same order twice is a duplicate.</summary>
    public int Orders { get; set; }

    public long? HubSpotAccountId { get; set; }

    /// <summary>The connect that moved the subscription to its account.</summary>
    public int LinksSince { get; set; }

    /// <summary>What the account can do, as far as is known.</summary>
    public AccountAbilities Account { get; set; } = new();

    /// <summary>What went wrong last; null when nothing is wrong.</summary>
    public string? Reason { get; set; }

    public int Version { get; set; }

    /// <summary>
    /// Ends quietly what is under way: its answers are those of an earlier connect from now on. Of this and a step that commit at the same
    /// moment, one is refused.
    /// </summary>
    public void Disconnect(int attempt, string reason) =>
        (Attempt, CurrentState, Reason) = (attempt, nameof(ConnectingStateMachine.Disconnected), reason);
}
