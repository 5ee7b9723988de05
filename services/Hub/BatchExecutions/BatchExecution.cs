using HubSpotBus.Contracts.Records;

namespace HubSpotBus.Hub.BatchExecutions;

public enum BatchState
{
    /// <summary>Waits for a slot.</summary>
    Planned,

    /// <summary>Holds a slot.</summary>
    Running,

    /// <summary>Every transfer has its outcome.</summary>
    Done,
}

/// <summary>Transfers of one data type and direction of one subscription, run together.</summary>
public sealed class BatchExecution
{
    public Guid Id { get; set; }

    public Guid SubscriptionId { get; set; }

    public DataType DataType { get; set; }

    public BatchState State { get; set; }

    public int Records { get; set; }

    public bool Backfill { get; set; }

    /// <summary>The order that starts it, with the records as they were when it was planned; empty once done.</summary>
    public string OrderJson { get; set; } = "";

    public DateTimeOffset PlannedAt { get; set; }

    /// <summary>When the order to run it was sent once more, because it had got lost.</summary>
    public DateTimeOffset? OrderedAgainAt { get; set; }

    public int? SlotNumber { get; set; }

    public DateTimeOffset? SlotTakenAt { get; set; }

    public DateTimeOffset? SlotFreedAt { get; set; }

    public int Transferred { get; set; }

    public int Skipped { get; set; }

    public int Postponed { get; set; }

    public int Parked { get; set; }
}

/// <summary>One of a subscription's Concurrent Batch Executions, while a batch execution holds it.</summary>
public sealed class Slot
{
    public Guid SubscriptionId { get; set; }

    /// <summary>1 to the setting.</summary>
    public int Number { get; set; }

    public Guid BatchId { get; set; }

    /// <summary>When it is free again unless its holder says that it lives.</summary>
    public DateTimeOffset LeaseUntil { get; set; }

    /// <summary>Fencing: somebody who took the slot over has another one.</summary>
    public Guid Token { get; set; }
}
