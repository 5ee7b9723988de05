using HubSpotBus.Mappings.Schema;

namespace HubSpotBus.Mappings.Categories;

/// <summary>Finds the property that a setting names by its label. Pure.</summary>
internal static class CategoryProperty
{
    /// <summary>Labels are for people: case and spaces around them do not count.</summary>
    public static bool IsCalled(string? label, string? wanted) =>
        wanted is not null && wanted.Trim().Equals(label?.Trim(), StringComparison.OrdinalIgnoreCase);

    /// <summary>The internal name of the one dropdown that is called so; or what stands against it, and what to do.</summary>
    public static (string? Name, string? Objection) Find(ObjectSchema schema, string label, string setting)
    {
        var called = schema.Properties.Where(p => IsCalled(p.Label, label)).ToList();
        var dropdowns = called.Where(p => p is { Type: "enumeration", FieldType: "select" or "radio" or null, ReadOnly: false }).ToList();
        var correct = $"or correct {setting} in the subscription's settings. Then connect again.";
        return (called.Count, dropdowns) switch
        {
            (_, [var one]) => (one.Name, null),
            (0, _) => (null, $"HubSpot's {schema.ObjectType} have no property with the label \"{label}\". "
                + $"Create it in HubSpot (Settings, Properties, Create property, field type Dropdown select, with at least one option), {correct}"),
            (_, []) => (null, $"The property \"{label}\" of HubSpot's {schema.ObjectType} is no dropdown that can be written "
                + $"(it is {string.Join(", ", called.Select(p => $"{p.Name}: {p.FieldType ?? p.Type}"))}). Create one of field type Dropdown select, {correct}"),
            _ => (null, $"HubSpot's {schema.ObjectType} have {dropdowns.Count} dropdowns with the label \"{label}\" "
                + $"({string.Join(", ", dropdowns.Select(p => p.Name))}). Rename all but one of them in HubSpot, {correct}"),
        };
    }
}
