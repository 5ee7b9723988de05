using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Hub.Records;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Hub.Transfers;

public enum TransferState
{
    /// <summary>Waits to be planned.</summary>
    Pending,

    /// <summary>Part of a batch execution.</summary>
    Running,

    /// <summary>Written to HubSpot.</summary>
    Transferred,

    /// <summary>HubSpot had it exactly so, or it is of a type that does not transfer.</summary>
    Skipped,

    /// <summary>Due again later.</summary>
    Postponed,

    /// <summary>Needs a person.</summary>
    Parked,
}

/// <summary>One record's way to one subscription's HubSpot account: the latest, with how it stands.</summary>
public sealed class Transfer : IVersioned
{
    public Guid Id { get; set; }

    public Guid SubscriptionId { get; set; }

    public DataType DataType { get; set; }

    public required string RecordId { get; set; }

    public TransferState State { get; set; }

    /// <summary>Version of the record that has to arrive.</summary>
    public long RecordVersion { get; set; }

    /// <summary>Version that the running batch execution carries.</summary>
    public long RunningVersion { get; set; }

    /// <summary>Version that HubSpot has; 0 when it has none.</summary>
    public long DoneVersion { get; set; }

    public bool Backfill { get; set; }

    public DateTimeOffset PendingSince { get; set; }

    public DateTimeOffset DueAt { get; set; }

    public int Attempts { get; set; }

    public List<Problem> Problems { get; set; } = [];

    /// <summary>The record whose absence parked it.</summary>
    public string? BlockedBy { get; set; }

    /// <summary>What the record refers to.</summary>
    public List<string> References { get; set; } = [];

    /// <summary>Lines of a transaction.</summary>
    public int Lines { get; set; }

    /// <summary>Type of a transaction, such as Order; empty for other records.</summary>
    public string TransactionType { get; set; } = "";

    public string? HubSpotId { get; set; }

    public Guid? BatchId { get; set; }

    public string TrackingId { get; set; } = "";

    /// <summary>The trace of the request that changed the record.</summary>
    public string? TraceParent { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    public int Version { get; set; }

    /// <summary>The record changed: the newest version is wanted. A running transfer goes on, and is pending again afterwards.</summary>
    internal void Want(HubRecord record, IncomingRecord incoming, bool bulk, string? traceParent, DateTimeOffset now)
    {
        RecordVersion = record.RecordVersion;
        References = [.. incoming.References];
        Lines = incoming.Lines;
        TransactionType = incoming.TransactionType;
        TrackingId = record.TrackingId;
        TraceParent = traceParent;
        Backfill = bulk && (Backfill || State != TransferState.Pending);
        Attempts = 0;
        UpdatedAt = now;
        if (State != TransferState.Running)
            Release(now);
    }

    /// <summary>Pending again, at once.</summary>
    internal void Release(DateTimeOffset now)
    {
        State = TransferState.Pending;
        PendingSince = now;
        DueAt = now;
        BlockedBy = null;
        Problems = [];
        UpdatedAt = now;
    }

    /// <summary>As if it had never been to HubSpot: the subscription has another account now.</summary>
    internal void BeginAnew(DateTimeOffset now)
    {
        (DoneVersion, HubSpotId, Attempts, Backfill) = (0, null, 0, true);
        if (State != TransferState.Running)
            Release(now);
    }

    internal void Run(Guid batchId, DateTimeOffset now)
    {
        State = TransferState.Running;
        RunningVersion = RecordVersion;
        BatchId = batchId;
        UpdatedAt = now;
    }

    internal void Park(IEnumerable<Problem> problems, string? blockedBy, DateTimeOffset now)
    {
        State = TransferState.Parked;
        Problems = [.. problems];
        BlockedBy = blockedBy;
        UpdatedAt = now;
    }

    /// <summary>It does not go to HubSpot, and that is as it should be.</summary>
    internal void Skip(Problem reason, DateTimeOffset now)
    {
        State = TransferState.Skipped;
        Problems = [reason];
        UpdatedAt = now;
    }

    internal void Postpone(IEnumerable<Problem> problems, TimeSpan unit, DateTimeOffset now)
    {
        Attempts++;
        State = TransferState.Postponed;
        Problems = [.. problems];
        DueAt = now + (unit * Attempts * (Attempts + 1));
        UpdatedAt = now;
    }

    /// <summary>What became of it. When the record changed meanwhile, it is pending again whatever became of the old version.</summary>
    internal void End(TransferOutcome outcome, TimeSpan unit, DateTimeOffset now)
    {
        HubSpotId = outcome.HubSpotId ?? HubSpotId;
        switch (outcome.Result)
        {
            case TransferResult.Parked:
                Park(outcome.Problems, null, now);
                break;
            case TransferResult.Postponed:
                Postpone(outcome.Problems, unit, now);
                break;
            default:
                State = outcome.Result == TransferResult.Transferred ? TransferState.Transferred : TransferState.Skipped;
                DoneVersion = RunningVersion;
                Attempts = 0;
                Problems = [];
                UpdatedAt = now;
                break;
        }

        if (RecordVersion > RunningVersion)
            Release(now);
    }
}
