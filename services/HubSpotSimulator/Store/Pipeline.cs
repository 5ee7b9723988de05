namespace HubSpotBus.HubSpotSimulator.Store;

public sealed record Pipeline(string Id, string Label, int DisplayOrder, IReadOnlyList<PipelineStage> Stages, DateTimeOffset CreatedAt);

public sealed record PipelineStage(
    string Id, string Label, int DisplayOrder, IReadOnlyDictionary<string, string> Metadata, DateTimeOffset CreatedAt);
