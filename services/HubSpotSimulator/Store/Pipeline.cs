using System.Text.Json.Nodes;

namespace HubSpotBus.HubSpotSimulator.Store;

public sealed record Pipeline(string Id, string Label, int DisplayOrder, IReadOnlyList<PipelineStage> Stages, DateTimeOffset CreatedAt)
{
    /// <summary>For the audit, newest first; those of its stages are among them.</summary>
    public IReadOnlyList<PipelineChange> Changes { get; init; } = [];
}

public sealed record PipelineStage(
    string Id, string Label, int DisplayOrder, IReadOnlyDictionary<string, string> Metadata, DateTimeOffset CreatedAt);

/// <summary><c>Action</c> is CREATE, UPDATE or DELETE; <c>Left</c> is what it left, or took away, as the API shows it.</summary>
public sealed record PipelineChange(string? StageId, string Action, DateTimeOffset At, long UserId, JsonObject Left);
