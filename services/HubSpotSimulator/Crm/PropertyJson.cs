using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

internal static class PropertyJson
{
    public static JsonObject Write(Portal portal, ObjectType type, PropertyDefinition property)
    {
        var json = new JsonObject
        {
            ["name"] = property.Name,
            ["label"] = property.Label,
            ["type"] = property.Type,
            ["fieldType"] = property.FieldType,
            ["groupName"] = property.GroupName,
            ["description"] = property.Description,
            ["displayOrder"] = property.DisplayOrder,
            ["hasUniqueValue"] = property.HasUniqueValue,
            ["hidden"] = property.Hidden,
            ["formField"] = property.FormField,
            ["calculated"] = property.Calculated,
            ["externalOptions"] = property.ExternalOptions,
            ["hubspotDefined"] = property.HubSpotDefined,
            ["options"] = new JsonArray([.. OptionsOf(portal, type, property).Select(Option)]),
            ["archived"] = property.ArchivedAt is not null,
            ["createdAt"] = Json.Time(property.CreatedAt),
            ["updatedAt"] = Json.Time(property.UpdatedAt),
            ["modificationMetadata"] = new JsonObject
            {
                ["archivable"] = !property.HubSpotDefined,
                ["readOnlyDefinition"] = property.HubSpotDefined,
                ["readOnlyValue"] = property.Calculated,
            },
            ["dataSensitivity"] = "non_sensitive",
        };
        if (property.ArchivedAt is { } archivedAt)
        {
            json["archivedAt"] = Json.Time(archivedAt);
        }

        return json;
    }

    public static JsonObject Write(PropertyGroup group) => new()
    {
        ["name"] = group.Name,
        ["label"] = group.Label,
        ["displayOrder"] = group.DisplayOrder,
        ["archived"] = false,
    };

    private static JsonObject Option(PropertyOption option) => new()
    {
        ["label"] = option.Label,
        ["value"] = option.Value,
        ["displayOrder"] = option.DisplayOrder,
        ["hidden"] = option.Hidden,
        ["description"] = option.Description,
    };

    private static IEnumerable<PropertyOption> OptionsOf(Portal portal, ObjectType type, PropertyDefinition property) =>
        property.Name switch
        {
            var name when name == type.PipelineProperty => portal.Pipelines(type)
                .Select(p => new PropertyOption(p.Label, p.Id, p.DisplayOrder)),
            var name when name == type.StageProperty => portal.Pipelines(type)
                .SelectMany(p => p.Stages)
                .Select(s => new PropertyOption(s.Label, s.Id, s.DisplayOrder)),
            _ => property.Options,
        };
}
