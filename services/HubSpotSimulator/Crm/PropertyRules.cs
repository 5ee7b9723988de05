using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Making and changing property definitions.</summary>
internal static partial class PropertyRules
{
    private static readonly string[] RequiredFields = ["groupName", "name", "label", "type", "fieldType"];

    private static readonly Dictionary<string, string[]> FieldTypes = new()
    {
        ["string"] = ["text", "textarea", "phonenumber", "html", "file", "calculation_equation"],
        ["number"] = ["number", "calculation_equation"],
        ["bool"] = ["booleancheckbox", "calculation_equation"],
        ["enumeration"] = ["select", "radio", "checkbox", "booleancheckbox", "calculation_equation"],
        ["date"] = ["date"],
        ["datetime"] = ["date"],
    };

    public static PropertyDefinition Create(ApiCall call, ObjectType type, JsonObject body)
    {
        var registry = call.Portal.Properties(type);
        var missing = RequiredFields.Where(f => body.Text(f) is not { Length: > 0 }).ToList();
        if (missing.Count > 0)
        {
            throw Refusal.Validation($"Invalid input JSON: some required fields were not set: [{string.Join(", ", missing)}]");
        }

        var name = body.Text("name")!;
        if (registry.Find(name) is not null)
        {
            throw Refusal.Of(
                409,
                "OBJECT_ALREADY_EXISTS",
                $"A property named '{name}' already exists.",
                "Properties.PROPERTY_WITH_NAME_EXISTS",
                new JsonObject { ["propertyName"] = new JsonArray(name) });
        }

        if (!Name().IsMatch(name))
        {
            throw Refusal.Validation($"Property name '{name}' is invalid: lower-case letters, digits and underscores, a letter first.");
        }

        var property = new PropertyDefinition
        {
            Name = name,
            Label = body.Text("label")!,
            Type = body.Text("type")!,
            FieldType = body.Text("fieldType")!,
            GroupName = body.Text("groupName")!,
            Description = body.Text("description") ?? "",
            DisplayOrder = body.Number("displayOrder") ?? -1,
            HasUniqueValue = body.Flag("hasUniqueValue") ?? false,
            Hidden = body.Flag("hidden") ?? false,
            FormField = body.Flag("formField") ?? false,
            Options = Options(body),
            CreatedAt = registry.FindArchived(name)?.CreatedAt ?? call.Now,
            UpdatedAt = call.Now,
        };
        CheckKind(property);
        if (property.HasUniqueValue && call.Portal.Switches.UniquePropertiesRefused.Contains(type.Plural))
        {
            throw Refusal.Validation(
                $"Property '{name}' cannot have unique values: {type.LegacyName} does not support properties with unique values.",
                "PropertyValidationError.UNIQUE_VALUES_NOT_SUPPORTED");
        }

        if (property.HasUniqueValue && registry.IsFullOfUnique)
        {
            throw Refusal.Validation(
                $"{type.LegacyName} has {PropertyRegistry.MostUnique} properties with unique values already; that is the limit.",
                "PropertyValidationError.UNIQUE_PROPERTY_LIMIT");
        }

        if (registry.All.Count(p => p is { HubSpotDefined: false, ArchivedAt: null }) >= PropertyRegistry.MostOwn)
        {
            throw Refusal.Validation(
                $"{type.LegacyName} has {PropertyRegistry.MostOwn} custom properties already; that is the limit.",
                "PropertyValidationError.CUSTOM_PROPERTY_LIMIT");
        }

        registry.Put(property);
        if (property.HasUniqueValue)
        {
            call.Portal.Table(type).AddKey(name);
        }

        return property;
    }

    /// <summary>Options that are sent replace the whole list; uniqueness cannot be changed any more and is not looked at.</summary>
    public static PropertyDefinition Change(ApiCall call, ObjectType type, string name, JsonObject body)
    {
        var registry = call.Portal.Properties(type);
        var property = registry.Find(name) ?? throw NotFound(name);
        property = property with
        {
            Label = body.Text("label") ?? property.Label,
            Type = body.Text("type") ?? property.Type,
            FieldType = body.Text("fieldType") ?? property.FieldType,
            GroupName = body.Text("groupName") ?? property.GroupName,
            Description = body.Text("description") ?? property.Description,
            DisplayOrder = body.Number("displayOrder") ?? property.DisplayOrder,
            Hidden = body.Flag("hidden") ?? property.Hidden,
            FormField = body.Flag("formField") ?? property.FormField,
            Options = body["options"] is JsonArray ? Options(body) : property.Options,
            UpdatedAt = call.Now,
        };
        CheckKind(property);
        registry.Put(property);
        if (body["options"] is JsonArray && call.Portal.Switches.RemovedOptionsAreEmptied)
        {
            EmptyWithoutOption(call, type, property);
        }

        return property;
    }

    private static void EmptyWithoutOption(ApiCall call, ObjectType type, PropertyDefinition property)
    {
        var table = call.Portal.Table(type);
        var options = property.Options.Select(o => o.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var record in table.Live.Where(r => r[property.Name] is { } value && !value.Split(';').All(options.Contains)).ToList())
        {
            var others = record.Properties.Where(p => p.Key != property.Name).ToDictionary();
            var history = record.HistoryWith(others, [property.Name], call.Now, call.IsByPerson);
            table.Put(record with { Properties = others, History = history }, call.Now);
        }
    }

    public static void Archive(ApiCall call, ObjectType type, string name)
    {
        CheckDeletable(call, type, name);
        var registry = call.Portal.Properties(type);
        registry.Put(registry.Known(name) with { ArchivedAt = call.Now });
        call.Portal.Table(type).RemoveKey(name);
    }

    public static void CheckDeletable(ApiCall call, ObjectType type, string name)
    {
        if ((call.Portal.Properties(type).Find(name) ?? throw NotFound(name)).HubSpotDefined)
        {
            throw Refusal.Validation($"Property '{name}' is defined by HubSpot and cannot be archived.");
        }

        if (UserOf(call.Portal, type, name) is { } user)
        {
            throw Refusal.Validation(
                $"Property '{name}' cannot be deleted because it is in use: {user}.",
                "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE",
                new JsonObject { ["propertyName"] = new JsonArray(name) });
        }
    }

    /// <summary>What uses a property: a record outside the recycle bin that has a value, or a rule of the administrators.</summary>
    private static string? UserOf(Portal portal, ObjectType type, string name)
    {
        var rules = portal.Switches.ConditionallyRequired.GetValueOrDefault(type.Plural, []);
        return portal.Switches.RequiredByAdministrators.GetValueOrDefault(type.Plural, []).Contains(name)
            || rules.Any(r => r.Property == name || r.Requires.Contains(name)) ? "administrators require it"
            : portal.Table(type).Live.FirstOrDefault(r => r[name] is not null) is { } record ? $"{type.LegacyName} {record.Id} has a value"
            : null;
    }

    public static Refusal NotFound(string name) => Refusal.Of(
        404, "OBJECT_NOT_FOUND", $"Property '{name}' does not exist.", context: new JsonObject { ["propertyName"] = new JsonArray(name) });

    private static void CheckKind(PropertyDefinition property)
    {
        if (!FieldTypes.TryGetValue(property.Type, out var fieldTypes) || !fieldTypes.Contains(property.FieldType))
        {
            throw Refusal.Validation($"Invalid input JSON: fieldType '{property.FieldType}' does not go with type '{property.Type}'.");
        }

        var values = property.Options.Select(o => o.Value).ToList();
        if (property is { Type: "bool", HubSpotDefined: false } && !values.Order().SequenceEqual(["false", "true"]))
        {
            throw Refusal.Validation("A bool property needs the options true and false.", [new JsonObject
            {
                ["message"] = "A bool property needs the options true and false.",
                ["code"] = "INVALID_BOOLEAN_OPTION",
            }]);
        }

        if (values.Distinct().Count() < values.Count || property.Options.DistinctBy(o => o.Label).Count() < values.Count)
        {
            throw Refusal.Validation($"Property '{property.Name}' has options with the same label or value.");
        }
    }

    private static List<PropertyOption> Options(JsonObject body) => [.. body.Objects("options").Select((o, i) => new PropertyOption(
        o.Text("label") ?? throw Refusal.Validation("Invalid input JSON: an option needs a label"),
        o.Text("value") ?? throw Refusal.Validation("Invalid input JSON: an option needs a value"),
        o.Number("displayOrder") ?? i,
        o.Flag("hidden") ?? false,
        o.Text("description") ?? ""))];

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex Name();
}
