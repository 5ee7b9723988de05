using HubSpotBus.Mappings.Schema;

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
/// before the table. What leads to no stage goes by <paramref name="Otherwise"/>, then to the first open stage. What the subscription's
/// settings say goes before all of this, and has to name a stage that is there.
/// </summary>
public sealed record StageOf(
    string Field, IReadOnlyDictionary<string, IReadOnlyList<string>> Table, IReadOnlyList<string> Otherwise, string? TypeField = null) : Rule
{
    private static readonly Dictionary<string, string> NoStages = [];

    public override IEnumerable<string> Reads => TypeField is null ? [Field] : [Field, TypeField];

    public override Applied Apply(RuleInput input)
    {
        if (input.Pipeline is not { } pipeline)
            return null;
        var stages = pipeline.InOrder.ToList();
        var type = TypeField is null ? null : input.Text(TypeField)?.Trim();
        var status = input.Text(Field)?.Trim();
        if (First(input.Stages ?? NoStages, status is null ? OfType(type, status) : OfType(type, status).Append(status)) is { } set)
            return Stages.Find(stages, set) is { } there ? there.Id : NotThere(set, status, pipeline);
        var stage = Wanted(type, status).Concat(Otherwise).Append(Stages.Open)
            .Select(name => Stages.Find(stages, name)).FirstOrDefault(s => s is not null);
        return (stage ?? stages.FirstOrDefault())?.Id;
    }

    private IEnumerable<string> Wanted(string? type, string? status) =>
        First(Table, OfType(type, status)) ?? (status is null ? [] : (First(Table, [status]) ?? []).Prepend(status));

    private static IEnumerable<string> OfType(string? type, string? status) => type is null ? [] : [$"{type}/{status}", $"{type}/*"];

    private static TStages? First<TStages>(IReadOnlyDictionary<string, TStages> table, IEnumerable<string> keys)
        where TStages : class => keys.SelectMany(key => table.Where(e => Stages.Same(e.Key, key))).Select(e => e.Value).FirstOrDefault();

    private Applied NotThere(string stage, string? status, Pipeline pipeline) => new(null, Problems.Of(Field, status,
        $"The subscription's Stages of Statuses name the stage '{stage}', which the pipeline {pipeline.Label} does not have. "
        + $"Its stages are {string.Join(", ", pipeline.InOrder.Select(s => s.Label))}. Correct the setting, then retry."));
}
