namespace HubSpotBus.Contracts.BatchExecutions;

/// <summary>What became of one transfer.</summary>
public enum TransferResult
{
    /// <summary>Written to HubSpot.</summary>
    Transferred,

    /// <summary>HubSpot had it already, exactly so: nothing was written.</summary>
    Unchanged,

    /// <summary>To be tried again later, without anybody doing anything.</summary>
    Postponed,

    /// <summary>A person has to act: see the problems.</summary>
    Parked,
}
