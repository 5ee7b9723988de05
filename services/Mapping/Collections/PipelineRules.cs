namespace HubSpotBus.Mappings.Collections;

/// <summary>The account's pipeline; nothing while its pipelines are not known.</summary>
public sealed record PipelineOf : Rule
{
    public override IEnumerable<string> Reads => [];

    public override Applied Apply(RuleInput input) => input.Pipeline?.Id;
}

/// <summary>
/// The stage of the account's pipeline for a status. The table's keys are statuses ("Shipped"), or a type and a status
/// ("Return/Cancelled"), or a type with any status ("Return/*"); its values are stages in order of preference, by id, by label or by
/// what they mean (see <see cref="Stages"/>); case, spaces and dashes are ignored. For a status alone, a stage of its own name goes
/// before the table. What leads to no stage goes by <paramref name="Otherwise"/>, then to the first open stage.
/// </summary>
public sealed record StageOf(
    string Field, IReadOnlyDictionary<string, IReadOnlyList<string>> Table, IReadOnlyList<string> Otherwise, string? TypeField = null) : Rule
{
    public override IEnumerable<string> Reads => TypeField is null ? [Field] : [Field, TypeField];

    public override Applied Apply(RuleInput input)
    {
        if (input.Pipeline is not { } pipeline)
            return null;
        var stages = pipeline.InOrder.ToList();
        var type = TypeField is null ? null : input.Text(TypeField)?.Trim();
        var stage = Wanted(type, input.Text(Field)?.Trim()).Concat(Otherwise).Append(Stages.Open)
            .Select(name => Stages.Find(stages, name)).FirstOrDefault(s => s is not null);
        return (stage ?? stages.FirstOrDefault())?.Id;
    }

    private IEnumerable<string> Wanted(string? type, string? status)
    {
        if (type is not null && (Named($"{type}/{status}") ?? Named($"{type}/*")) is { } ofType)
            return ofType;
        return status is null ? [] : (Named(status) ?? []).Prepend(status);
    }

    private IReadOnlyList<string>? Named(string key) =>
        Table.Where(e => Stages.Same(e.Key, key)).Select(e => e.Value).FirstOrDefault();
}
