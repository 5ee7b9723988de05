using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>
/// Reads records with the properties that were asked for, or the usual ones. Those that are defined and empty are null or, by switch,
/// left out; undefined ones are left out. Under the portal's gate.
/// </summary>
internal sealed class RecordReader(Portal portal, ObjectType type, IEnumerable<string>? asked)
{
    private readonly bool _showsEmpty = portal.Switches.EmptyValues == EmptyValue.Null;

    private readonly string[] _names =
    [
        .. (asked is null ? type.DefaultProperties : asked.Concat([type.CreatedProperty, type.ModifiedProperty, "hs_object_id"]))
            .Distinct()
            .Where(n => portal.Properties(type).Find(n) is not null)
            .Order(StringComparer.Ordinal),
    ];

    public JsonObject Read(CrmRecord record)
    {
        var properties = new JsonObject();
        foreach (var name in _names)
        {
            if (record[name] is { } value)
            {
                properties.Add(name, value);
            }
            else if (_showsEmpty)
            {
                properties.Add(name, null);
            }
        }

        return RecordJson.Shape(portal, type, record, properties);
    }
}
