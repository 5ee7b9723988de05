using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Writes and shows records by HubSpot's rules. Everything here runs under the portal's lock.</summary>
internal sealed class Records(Portal portal, ObjectKind kind, TimeProvider time)
{
    private static readonly string[] CopiedFromProduct = ["name", "price", "hs_sku", "description"];
    private readonly ObjectTable _table = portal.Tables[kind.Name];

    public static Records For(HttpContext context, string type)
    {
        var kind = ObjectKind.Of(type) ?? throw Errors.UnknownType(type);
        return new Records(
            (Portal)context.Items[nameof(Portal)]!, kind,
            context.RequestServices.GetRequiredService<TimeProvider>());
    }

    public Portal Portal => portal;

    public ObjectTable Table => _table;

    public ObjectKind Kind => kind;

    /// <summary>The record with an id, or with a value of a unique property; archived ones are not found.</summary>
    public RecordState? Find(string id, string? idProperty)
    {
        if (idProperty is null or "hs_object_id")
            return _table.Records.GetValueOrDefault(id) is { Archived: false } record ? record : null;
        DemandUnique(idProperty);
        return _table.IdByUnique(idProperty, id) is { } found ? _table.Records[found] : null;
    }

    public void DemandUnique(string property)
    {
        if (property == "hs_object_id" || _table.Properties.GetValueOrDefault(property) is not { HasUniqueValue: true, Archived: false })
            throw Errors.Validation($"Unable to perform update/upsert by non-unique {kind.TypeId} property {property}");
    }

    /// <summary>Checks a create or update and throws what HubSpot would answer; nothing is changed.</summary>
    public void Check(IReadOnlyDictionary<string, string> properties, RecordState? existing, JsonArray? associations = null)
    {
        var invalid = properties.SelectMany(p => Validation.Of(_table, p.Key, p.Value)).ToList();
        if (existing is null)
        {
            foreach (var required in kind.Required.Where(r => r.Split('|').All(name => string.IsNullOrEmpty(properties.GetValueOrDefault(name)))))
            {
                var name = required.Split('|')[0];
                invalid.Add((name, "MISSING_REQUIRED_PROPERTY", $"Required property \"{name}\" is missing"));
            }
        }

        if (invalid.Count > 0)
            throw Errors.InvalidValues(portal.Id, invalid);
        foreach (var property in _table.UniqueProperties())
        {
            if (properties.GetValueOrDefault(property) is not { Length: > 0 } value || _table.IdByUnique(property, value) is not { } owner || owner == existing?.Id)
                continue;
            throw kind.Name == "contacts" && property == "email" && existing is null
                ? Errors.ContactExists(owner)
                : Errors.ValueTaken(portal.Id, kind.Legacy, property, value, existing?.Id ?? (portal.LastId + 17).ToString(), owner);
        }

        foreach (var (toType, toId, types) in AssociationsOf(associations))
            CheckAssociation(kind.Name, toType, toId, types);
    }

    /// <summary>Creates a record that <see cref="Check"/> found no fault with.</summary>
    public RecordState Create(IReadOnlyDictionary<string, string> properties, JsonArray? associations)
    {
        var now = time.GetUtcNow();
        var record = new RecordState { Id = portal.NextId(), CreatedAt = now, UpdatedAt = now };
        if (kind.Name == "line_items" && properties.GetValueOrDefault("hs_product_id") is { } productId
            && portal.Tables["products"].Records.GetValueOrDefault(productId) is { } product)
        {
            foreach (var copied in CopiedFromProduct.Where(product.Properties.ContainsKey))
                record.Properties[copied] = product.Properties[copied];
        }

        record.Properties["hs_object_id"] = record.Id;
        record.Properties["hs_object_source"] = "INTEGRATION";
        record.Properties[kind.Created] = Iso(now);
        _table.Records[record.Id] = record;
        Set(record, properties);
        foreach (var (toType, toId, types) in AssociationsOf(associations))
            portal.Associate(kind.Name, record.Id, toType, toId, AssociationKind.WithUnlabelled(kind.Name, toType, types));
        return record;
    }

    public void Set(RecordState record, IReadOnlyDictionary<string, string> properties)
    {
        foreach (var (name, value) in properties)
        {
            var stored = name == "email" ? value.ToLowerInvariant() : value;
            if (_table.Properties[name].HasUniqueValue)
                _table.SetUnique(name, record.Properties.GetValueOrDefault(name), stored, record.Id);
            if (stored.Length == 0)
                record.Properties.Remove(name);
            else
                record.Properties[name] = stored;
        }

        if (kind.Name == "line_items")
            record.Properties["amount"] = Amount(record.Properties);
        record.UpdatedAt = time.GetUtcNow();
        record.Properties[kind.Modified] = Iso(record.UpdatedAt);
        portal.Revision++;
    }

    public void Archive(string id)
    {
        if (_table.Records.GetValueOrDefault(id) is not { Archived: false } record)
            return;
        foreach (var property in _table.UniqueProperties())
            _table.SetUnique(property, record.Properties.GetValueOrDefault(property), null, id);
        record.Archived = true;
        record.UpdatedAt = time.GetUtcNow();
        foreach (var other in ObjectKind.All)
        {
            foreach (var otherId in portal.AssociatedIds(kind.Name, id, other.Name).ToList())
                portal.Dissociate(kind.Name, id, other.Name, otherId);
        }

        portal.Revision++;
    }

    public void CheckAssociation(string fromType, string toType, string toId, IReadOnlyList<int> types)
    {
        if (fromType == "products" || toType == "products" || types.Count == 0 || types.Any(t => !AssociationKind.Exists(fromType, toType, t)))
            throw Errors.Validation($"One or more associations are invalid: {fromType} to {toType}, types {string.Join(", ", types)}");
        if (portal.Tables[toType].Records.GetValueOrDefault(toId) is not { Archived: false })
            throw Errors.Validation($"One or more associations are invalid: {toType} {toId} does not exist");
    }

    /// <summary>A record as answers show it: the changed and default properties after a write, those asked for in a read.</summary>
    public JsonObject Show(RecordState record, IEnumerable<string> properties, string? traceId = null, bool? isNew = null)
    {
        var shown = new JsonObject();
        foreach (var name in kind.Defaults.Concat(properties).Append("hs_object_id").Distinct().Where(_table.Properties.ContainsKey))
            shown[name] = record.Properties.GetValueOrDefault(name);
        var json = new JsonObject
        {
            ["id"] = record.Id,
            ["properties"] = shown,
            ["createdAt"] = Iso(record.CreatedAt),
            ["updatedAt"] = Iso(record.UpdatedAt),
            ["archived"] = record.Archived,
        };
        if (traceId is not null)
            json["objectWriteTraceId"] = traceId;
        if (isNew is { } fresh)
            json["new"] = fresh;
        return json;
    }

    public JsonObject ShowAssociations(RecordState record, IEnumerable<string> types)
    {
        var json = new JsonObject();
        foreach (var to in types.Select(ObjectKind.Of).OfType<ObjectKind>())
        {
            var ids = portal.AssociatedIds(kind.Name, record.Id, to.Name);
            if (ids.Count > 0)
            {
                json[to.Name] = new JsonObject
                {
                    ["results"] = new JsonArray([.. ids.Select(id => (JsonNode)new JsonObject { ["id"] = id, ["type"] = $"{kind.Singular}_to_{to.Singular}" })]),
                };
            }
        }

        return json;
    }

    /// <summary>The properties of an input as text; null clears like an empty text.</summary>
    public static Dictionary<string, string> PropertiesOf(JsonObject input) =>
        (input["properties"] as JsonObject ?? []).ToDictionary(p => p.Key, p => p.Value is null ? "" : p.Value.GetValueKind() == JsonValueKind.String ? (string)p.Value! : p.Value.ToJsonString());

    private static IEnumerable<(string ToType, string ToId, List<int> Types)> AssociationsOf(JsonArray? associations, string fromType)
    {
        foreach (var association in (associations ?? []).OfType<JsonObject>())
        {
            var types = ((JsonArray?)association["types"] ?? []).Select(t => (int)t!["associationTypeId"]!).ToList();
            var toType = types.Select(t => AssociationKind.TargetOf(fromType, t)).FirstOrDefault(t => t is not null)
                ?? throw Errors.Validation($"One or more associations are invalid: types {string.Join(", ", types)} do not start at {fromType}");
            yield return (toType, association["to"]!["id"]!.ToString(), types);
        }
    }

    private IEnumerable<(string ToType, string ToId, List<int> Types)> AssociationsOf(JsonArray? associations) => AssociationsOf(associations, kind.Name);

    private static string Amount(Dictionary<string, string> line)
    {
        decimal Number(string name) => decimal.TryParse(line.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var number) ? number : 0;
        var net = Number("quantity") * (Number("price") - Number("discount"));
        return (net * (1 - (Number("hs_discount_percentage") / 100))).ToString("0.######", CultureInfo.InvariantCulture);
    }

    public static string Iso(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
