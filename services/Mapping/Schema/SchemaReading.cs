using System.Globalization;
using HubSpotBus.HubSpot;
using HubSpotBus.Mappings.Categories;
using Crm = HubSpotBus.HubSpot.Crm;

namespace HubSpotBus.Mappings.Schema;

/// <summary>Keeps of HubSpot's answers what translating needs. Pure.</summary>
internal static class SchemaReading
{
    public static ObjectSchema Read(
        string objectType, IReadOnlyList<Crm.PropertyDefinition> properties, IReadOnlyList<Crm.Pipeline> pipelines,
        IReadOnlySet<string> wanted, string? categoryLabel = null) => new()
    {
        ObjectType = objectType,
        Properties =
        [
            .. properties.Where(p => p.Name is not null && (wanted.Contains(p.Name) || CategoryProperty.IsCalled(p.Label, categoryLabel))).Select(Property)
                .DistinctBy(p => p.Name).OrderBy(p => p.Name, StringComparer.Ordinal),
        ],
        Pipelines = [.. pipelines.Where(p => p.Id is not null).Select(Pipeline)],
    };

    /// <summary>What stands against the key property that the account already has; null when nothing does.</summary>
    public static string? Objection(string objectType, IReadOnlyList<Crm.PropertyDefinition> properties)
    {
        var name = KeyProperties.Of(objectType);
        return properties.FirstOrDefault(p => p.Name == name) switch
        {
            { Type: not ("string" or null) } there =>
                $"HubSpot's {objectType} have a property {name} of type {there.Type}; it has to be text. "
                + "Delete it in HubSpot (Settings, Properties), then connect again: it is made anew.",
            _ => null,
        };
    }

    private static Pipeline Pipeline(Crm.Pipeline pipeline) => new(
        pipeline.Id!, pipeline.Label ?? pipeline.Id!, pipeline.DisplayOrder ?? 0,
        [.. (pipeline.Stages ?? []).Where(s => s.Id is not null).Select(Stage)]);

    private static PropertyDefinition Property(Crm.PropertyDefinition property) => new()
    {
        Name = property.Name!,
        Label = property.Label,
        Type = property.Type ?? "string",
        FieldType = property.FieldType,
        Unique = property.HasUniqueValue ?? false,
        ReadOnly = property.ModificationMetadata?.ReadOnlyValue ?? false,
        Options =
        [
            .. (property.Options ?? []).Where(o => o.Value is not null).Select(o => new PropertyOption(o.Value!, o.Label ?? o.Value!)),
        ],
    };

    // Orders say OPEN or CLOSED; deals say isClosed, or only a probability that is certain either way.
    private static PipelineStage Stage(Crm.PipelineStage stage)
    {
        string? Metadata(string name) => stage.Metadata?.GetValueOrDefault(name);
        var closed = Metadata("state") is { } state ? state.Equals("CLOSED", StringComparison.OrdinalIgnoreCase)
            : Metadata("isClosed") is { } isClosed ? isClosed.Equals("true", StringComparison.OrdinalIgnoreCase)
            : Metadata("probability") is "0.0" or "0" or "1.0" or "1";
        decimal? probability = decimal.TryParse(Metadata("probability"), NumberStyles.Number, CultureInfo.InvariantCulture, out var p) ? p : null;
        return new PipelineStage(stage.Id!, stage.Label ?? stage.Id!, stage.DisplayOrder ?? 0, closed, probability);
    }
}
