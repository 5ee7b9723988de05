using HubSpotBus.Contracts.Records;

namespace HubSpotBus.Contracts.BatchExecutions;

/// <summary>What became of one record of a batch execution.</summary>
public sealed record TransferOutcome
{
    /// <summary>Kind of the record.</summary>
    public required DataType DataType { get; init; }

    /// <summary>Hub id.</summary>
    public required string Id { get; init; }

    /// <summary>What became of it.</summary>
    public required TransferResult Result { get; init; }

    /// <summary>Id of the HubSpot record, once there is one.</summary>
    public string? HubSpotId { get; init; }

    /// <summary>Why it was parked or postponed.</summary>
    public IReadOnlyList<Problem> Problems { get; init; } = [];
}
