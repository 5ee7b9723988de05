using HubSpotBus.HubSpot;
using HubSpotBus.Mappings.Collections;
using HubSpotBus.Mappings.Schema;
using HubSpotBus.Mappings.Translating;

namespace HubSpotBus.Mappings.Tests;

/// <summary>HubSpot accounts with the properties that the default collections fill.</summary>
internal static class AnAccount
{
    public static readonly IReadOnlyList<MappingCollection> Defaults = DefaultCollections.Of(DefaultCollections.Set);

    public static readonly Pipeline OrderPipeline = new("order-pipeline", "Order pipeline", 0,
    [
        new PipelineStage("s-shipped", "Shipped", 2, false),
        new PipelineStage("s-done", "Delivered", 3, true),
        new PipelineStage("s-open", "Open", 0, false),
        new PipelineStage("s-cancelled", "Cancelled", 4, true),
    ]);

    public static readonly Pipeline DealPipeline = new("default", "Sales pipeline", 0,
    [
        new PipelineStage("appointmentscheduled", "Appointment Scheduled", 0, false),
        new PipelineStage("contractsent", "Contract Sent", 1, false),
        new PipelineStage("closedwon", "Closed Won", 2, true),
        new PipelineStage("closedlost", "Closed Lost", 3, true),
    ]);

    /// <summary>The usual account: all text, save those given.</summary>
    public static IReadOnlyList<ObjectSchema> Schema(params PropertyDefinition[] instead) =>
    [
        .. Defaults.GroupBy(c => c.ObjectType).Select(type => new ObjectSchema
        {
            ObjectType = type.Key,
            Properties =
            [
                .. type.SelectMany(c => c.Rules).Select(r => r.Property).Distinct()
                    .Select(p => instead.FirstOrDefault(i => i.Name == p) ?? new PropertyDefinition { Name = p, Type = "string" }),
            ],
            Pipelines = type.Key switch { ObjectTypes.Orders => [OrderPipeline], ObjectTypes.Deals => [DealPipeline], _ => [] },
        }),
    ];

    public static IReadOnlyList<ObjectSchema> Without(params string[] properties) =>
        [.. Schema().Select(s => s with { Properties = [.. s.Properties.Where(p => !properties.Contains(p.Name))] })];

    public static Translator Translator(IReadOnlyList<ObjectSchema>? schema = null) => new(new MappingSet(Defaults, schema ?? Schema()));

    public static PropertyDefinition Dropdown(string name, params string[] options) =>
        new() { Name = name, Type = "enumeration", FieldType = "select", Options = [.. options.Select(o => new PropertyOption(o, o))] };
}
