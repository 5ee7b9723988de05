namespace HubSpotBus.Mappings.Collections;

/// <summary>The account's pipeline; nothing while its pipelines are not known.</summary>
public sealed record PipelineOf : Rule
{
    public override IEnumerable<string> Reads => [];

    public override Applied Apply(RuleInput input) => input.Pipeline?.Id;
}

/// <summary>
/// The stage of the account's pipeline for a status. A stage of the status's own name comes first, then those that the table
/// names for it (by id or label, case ignored), then those named for any other, then the first open stage.
/// </summary>
public sealed record StageOf(string Field, IReadOnlyDictionary<string, IReadOnlyList<string>> Table, IReadOnlyList<string> Otherwise) : Rule
{
    public override IEnumerable<string> Reads => [Field];

    public override Applied Apply(RuleInput input)
    {
        if (input.Pipeline is not { } pipeline)
            return null;
        var stages = pipeline.InOrder.ToList();
        var stage = Wanted(input.Text(Field)?.Trim())
            .Select(name => stages.Find(s => Same(s.Id, name)) ?? stages.Find(s => Same(s.Label, name)))
            .FirstOrDefault(s => s is not null);
        return (stage ?? stages.Find(s => !s.Closed) ?? stages.FirstOrDefault())?.Id;
    }

    private IEnumerable<string> Wanted(string? status)
    {
        if (status is null)
            return Otherwise;
        var named = Table.Where(e => Same(e.Key, status)).Select(e => e.Value).FirstOrDefault(Otherwise);
        return named.Prepend(status);
    }

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
