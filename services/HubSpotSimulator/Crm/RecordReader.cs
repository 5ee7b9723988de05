using System.Text.Json;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>
/// Reads records with the properties that were asked for, or the usual ones. Those that are defined and empty are null or, by switch,
/// left out; undefined ones are left out. Made under the portal's gate; what it reads is written as JSON after the gate is left.
/// </summary>
internal sealed class RecordReader(Portal portal, ObjectType type, IEnumerable<string>? asked, IEnumerable<string>? withHistory = null)
{
    private readonly bool _showsEmpty = portal.Switches.EmptyValuesOf.GetValueOrDefault(type.Plural, portal.Switches.EmptyValues) == EmptyValue.Null;

    private readonly string[] _names =
    [
        .. (asked is null ? type.DefaultProperties : asked.Concat([type.CreatedProperty, type.ModifiedProperty, "hs_object_id"]))
            .Distinct()
            .Where(n => portal.Properties(type).Find(n) is not null)
            .Order(StringComparer.Ordinal),
    ];

    private readonly string[] _withHistory =
        [.. (withHistory ?? []).Distinct().Where(n => portal.Properties(type).Find(n) is not null).Order(StringComparer.Ordinal)];

    public JsonNode Read(CrmRecord record, JsonObject? associations = null) => Json.Late(json => Write(json, record, associations));

    private void Write(Utf8JsonWriter json, CrmRecord record, JsonObject? associations)
    {
        json.WriteStartObject();
        json.WriteString("id", record.Id);
        json.WriteStartObject("properties");
        foreach (var name in _names)
        {
            if (record[name] is { } value)
            {
                json.WriteString(name, value);
            }
            else if (_showsEmpty)
            {
                json.WriteNull(name);
            }
        }

        json.WriteEndObject();
        RecordJson.WriteStamps(json, portal, type, record);
        if (_withHistory.Length > 0)
        {
            WriteHistory(json, record);
        }

        if (associations is { Count: > 0 })
        {
            json.WritePropertyName("associations");
            associations.WriteTo(json, Json.Web);
        }

        json.WriteEndObject();
    }

    /// <summary>Who made a change is told of people only, as in recorded answers.</summary>
    private void WriteHistory(Utf8JsonWriter json, CrmRecord record)
    {
        json.WriteStartObject("propertiesWithHistory");
        foreach (var name in _withHistory)
        {
            json.WriteStartArray(name);
            foreach (var version in record.Versions(name, name == type.ModifiedProperty ? record.UpdatedAt : record.CreatedAt))
            {
                var (source, sourceId) = ApiCall.SourceOf(version.ByPerson);
                json.WriteStartObject();
                json.WriteString("value", version.Value);
                json.WriteString("timestamp", Json.Time(version.At));
                json.WriteString("sourceType", source);
                json.WriteString("sourceId", sourceId);
                if (version.ByPerson)
                {
                    json.WriteString("sourceLabel", source);
                    json.WriteNumber("updatedByUserId", ApiCall.PersonId);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
