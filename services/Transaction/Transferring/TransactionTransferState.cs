using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.ServiceDefaults;
using MassTransit;

namespace HubSpotBus.Transactions.Transferring;

/// <summary>The transaction saga: one for each batch execution. Ids, states and counts; what is written lies in <see cref="TransactionBatch"/>.</summary>
public sealed class TransactionTransferState : SagaStateMachineInstance, IVersioned
{
    /// <summary>The batch execution.</summary>
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public int Version { get; set; }

    public Guid SubscriptionId { get; set; }

    public string HubKey { get; set; } = "";

    public RecordsOfOtherHubs RecordsOfOtherHubs { get; set; }

    public DeletedRecords DeletedRecords { get; set; }

    /// <summary>True when the batch is done a second time because something it refers to was no longer in HubSpot.</summary>
    public bool Again { get; set; }

    public TransactionTarget Target { get; set; }

    public bool ProductsAsPrerequisite { get; set; }

    public bool Backfill { get; set; }

    /// <summary>After this the hub has given the batch up, and no call is begun for it; empty when an earlier version ordered it.</summary>
    public DateTimeOffset? NotAfter { get; set; }

    /// <summary>Attempt at the current step of writing, from 1.</summary>
    public int Attempt { get; set; }

    /// <summary>Attempt at the customers, from 1; 0 once they are there.</summary>
    public int CustomersAttempt { get; set; }

    /// <summary>Attempt at the products, from 1; 0 once they are there.</summary>
    public int ProductsAttempt { get; set; }

    /// <summary>When the step that failed last is tried again.</summary>
    public DateTimeOffset? DueAt { get; set; }

    public string? LastFailure { get; set; }

    public int Transactions { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>How records are tied to HubSpot's.</summary>
    public LinkRules LinkRules() => new() { HubKey = HubKey, RecordsOfOtherHubs = RecordsOfOtherHubs, DeletedRecords = DeletedRecords };
}
