using HubSpotBus.Contracts.Records;

namespace HubSpotBus.Contracts.Mappings;

/// <summary>A record that cannot be translated or written as it is.</summary>
public sealed record RejectedRecord
{
    /// <summary>Kind of the record.</summary>
    public required DataType DataType { get; init; }

    /// <summary>Hub id.</summary>
    public required string Id { get; init; }

    /// <summary>All problems found, never only the first.</summary>
    public required IReadOnlyList<Problem> Problems { get; init; }
}
