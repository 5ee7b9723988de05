using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>A checked write that waits for the rest of its batch. <c>Written</c> names the properties that the caller gave.</summary>
internal sealed record PlannedWrite(CrmRecord Record, bool IsNew, IReadOnlyCollection<string> Written)
{
    public IReadOnlyList<(AssociationType Type, string ToId)> Ties { get; init; } = [];

    public string? TraceId { get; init; }
}
