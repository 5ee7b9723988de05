using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>
/// Checks the inputs of one request before anything is written, so that a request can be refused as a whole. Lives under the portal's gate.
/// </summary>
internal sealed class WritePlan(ApiCall call, ObjectType type, bool tellsExistingId)
{
    private readonly Portal _portal = call.Portal;
    // By administrators.
    private readonly IReadOnlyList<string> _required =
        call.IsNewest ? call.Portal.Switches.RequiredByAdministrators.GetValueOrDefault(type.Plural, []) : [];

    private readonly RecordTable _table = call.Portal.Table(type);
    private readonly string _now = Json.Time(call.Now);
    private readonly Dictionary<(string Property, string Value), string> _claims = [];
    private readonly List<(AssociationType Type, string FromId, string ToId)> _planned = [];

    public PlannedWrite Create(JsonObject input)
    {
        var given = ValueRules.Clean(_portal, type, input["properties"], null, call.Now);
        PrivacyDeleteEndpoint.RequireUnblocked(call, type, given, null);
        CheckRequired(given);
        var values = Filled(given);
        if (type == ObjectType.LineItems)
        {
            LineItemValues.CopyFromProduct(_portal, values);
        }

        ChoosePipeline(values);
        CheckConditions(values, values.Keys, "creating");
        var id = call.Store.NextId();
        values[type.CreatedProperty] = _now;
        values["hs_object_id"] = id;
        values["hs_object_source"] = call.Source;
        values["hs_object_source_id"] = call.SourceId;
        values["hs_object_source_label"] = call.Source;
        Stamp(values);
        var record = new CrmRecord { Id = id, Properties = values, CreatedAt = call.Now, UpdatedAt = call.Now };
        // Claimed last: an input that is refused for another reason must leave its values to the others.
        var ties = Ties(input, id);
        Claim(record, given.Keys, isNew: true);
        _planned.AddRange(ties.Select(t => (Inverse(t.Type), t.ToId, id)));
        return new PlannedWrite(record, true, given.Keys) { Ties = ties, TraceId = input.Text("objectWriteTraceId") };
    }

    public PlannedWrite Update(CrmRecord existing, JsonObject input)
    {
        var given = ValueRules.Clean(_portal, type, input["properties"], existing, call.Now);
        PrivacyDeleteEndpoint.RequireUnblocked(call, type, given, existing);
        if (_required.Count > 0 && _required.Where(p => given.GetValueOrDefault(p) is "").ToList() is { Count: > 0 } emptied)
        {
            throw NotSet("updating", emptied);
        }

        var names = type == ObjectType.LineItems ? given.Keys.Concat(LineItemValues.Computed) : given.Keys;
        var values = Changed(existing.Properties, given);
        var history = existing.HistoryWith(values, names, call.Now, call.IsByPerson);
        var record = existing with { Properties = values, History = history, UpdatedAt = call.Now };
        CheckConditions(record.Properties, given.Keys, "updating");
        Claim(record, given.Keys, isNew: false);
        return new PlannedWrite(record, false, given.Keys) { TraceId = input.Text("objectWriteTraceId") };
    }

    public void Commit(PlannedWrite write)
    {
        var isListenedTo = call.IsListenedTo;
        var before = write.IsNew || !isListenedTo ? null : _table.Find(write.Record.Id);
        _table.Put(write.Record, call.Now);
        if (isListenedTo)
        {
            Tell(before, write);
        }

        foreach (var (tie, toId) in write.Ties)
        {
            Crm.Ties.Tie(call, tie, write.Record.Id, toId);
        }

        call.Store.Touch();
    }

    private IReadOnlyDictionary<string, string> Changed(IReadOnlyDictionary<string, string> before, Dictionary<string, string> given)
    {
        // Most updates change values that are there already; line items are computed anew.
        if (type != ObjectType.LineItems && before is PropertyValues packed
            && packed.With([.. given, new(type.ModifiedProperty, _now)]) is { } changed)
        {
            return changed;
        }

        var values = new Dictionary<string, string>(before, StringComparer.Ordinal);
        foreach (var (name, value) in given)
        {
            if (value.Length > 0)
            {
                values[name] = value;
            }
            else
            {
                values.Remove(name);
            }
        }

        Stamp(values);
        return values;
    }

    /// <summary>A new record is told of, and so is each property that is not what it was.</summary>
    private void Tell(CrmRecord? before, PlannedWrite write)
    {
        if (write.IsNew)
        {
            call.Happened(new("creation", type, write.Record.Id) { More = new JsonObject { ["changeFlag"] = "NEW" } });
        }

        var names = write.IsNew ? write.Record.Properties.Keys : write.Written;
        call.Happened(new("propertyChange", type, write.Record.Id)
        {
            Changes = [.. names
                .Where(n => n != type.ModifiedProperty && before?[n] != write.Record[n])
                .Select(n => KeyValuePair.Create(n, write.Record[n] ?? ""))],
        });
    }

    private static Dictionary<string, string> Filled(Dictionary<string, string> given) =>
        given.Where(g => g.Value.Length > 0).ToDictionary(g => g.Key, g => g.Value, StringComparer.Ordinal);

    private void CheckRequired(Dictionary<string, string> given)
    {
        var missing = type.Required.Where(p => given.GetValueOrDefault(p) is not { Length: > 0 }).ToList();
        if (type == ObjectType.Companies && given.GetValueOrDefault("name", "") + given.GetValueOrDefault("domain", "") == "")
        {
            missing = ["name", "domain"];
        }

        missing = [.. missing.Union(_required.Where(p => given.GetValueOrDefault(p) is not { Length: > 0 }))];
        if (missing.Count > 0)
        {
            throw NotSet("creating", missing);
        }
    }

    /// <summary>Held against a rule is a write that brings about what it is for, or that takes away what it requires.</summary>
    private void CheckConditions(IReadOnlyDictionary<string, string> values, IEnumerable<string> written, string doing)
    {
        if (!call.IsNewest || !_portal.Switches.ConditionallyRequired.TryGetValue(type.Plural, out var rules))
        {
            return;
        }

        var missing = rules
            .Where(r => values.GetValueOrDefault(r.Property) == r.Value && r.Requires.Prepend(r.Property).Any(written.Contains))
            .SelectMany(r => r.Requires.Where(p => !values.ContainsKey(p)))
            .Distinct()
            .ToList();
        if (missing.Count > 0)
        {
            throw NotSet(doing, missing, "MISSING_CONDITIONAL_REQUIRED_PROPERTY");
        }
    }

    private Refusal NotSet(string doing, List<string> missing, string code = "MISSING_REQUIRED_PROPERTY") => Refusal.Validation(
        $"Error {doing} {type.LegacyName}. Some required properties were not set.", [new JsonObject
        {
            ["message"] = "Some required properties were not set",
            ["code"] = code,
            ["context"] = new JsonObject { ["properties"] = Json.Strings(missing), ["propertyName"] = Json.Strings(missing) },
        }]);

    private void ChoosePipeline(Dictionary<string, string> values)
    {
        if (type.PipelineProperty is { } pipeline && type.StageProperty is { } stage)
        {
            values.TryAdd(pipeline, _portal.Pipelines(type)[0].Id);
            values.TryAdd(stage, _portal.Pipelines(type).First(p => p.Id == values[pipeline]).Stages[0].Id);
        }
    }

    /// <summary>Sets what HubSpot sets itself at each write: the change stamp, the amount of a line.</summary>
    private void Stamp(Dictionary<string, string> values)
    {
        values[type.ModifiedProperty] = _now;
        if (type == ObjectType.LineItems)
        {
            LineItemValues.Compute(values);
        }
    }

    /// <summary>No two records may have the same value of a unique property, those of the same request included.</summary>
    private void Claim(CrmRecord record, IEnumerable<string> names, bool isNew)
    {
        var claims = new List<(string Property, string Value)>();
        foreach (var name in names)
        {
            if (_table.IsKey(name) && record[name] is { } value)
            {
                claims.Add((name, RecordTable.Normalize(name, value)));
            }
        }

        if (isNew && type == ObjectType.Products && _portal.Switches.EmptySkusAreTheSame && record["hs_sku"] is null)
        {
            claims.Add(("hs_sku", ""));
        }

        foreach (var claim in claims)
        {
            var owner = Owner(claim.Property, claim.Value) ?? _claims.GetValueOrDefault(claim);
            if (owner is not null && owner != record.Id)
            {
                throw isNew && type == ObjectType.Contacts && claim.Property == "email"
                    ? ContactExists(owner)
                    : Taken(claim.Property, claim.Value, record.Id, owner);
            }
        }

        foreach (var claim in claims)
        {
            _claims[claim] = record.Id;
        }
    }

    private string? Owner(string property, string value) => value.Length > 0
        ? _table.Owner(property, value)
        : _table.Live.FirstOrDefault(r => r[property] is null)?.Id;

    private Refusal ContactExists(string owner) => tellsExistingId
        ? Refusal.Of(
            409,
            "CONFLICT",
            $"Contact already exists. Existing ID: {owner}",
            context: new JsonObject { ["existingId"] = new JsonArray(owner) })
        : Refusal.Of(409, "CONFLICT", "Contact already exists");

    private Refusal Taken(string property, string value, string id, string owner) => Refusal.Validation(
        $"Cannot set PropertyValueCoordinates{{portalId={_portal.Id}, objectTypeId=ObjectTypeId{{legacyObjectType={type.LegacyName}}}, "
        + $"propertyName={property}, value={value}}} on {id}. {owner} already has that value.");

    private List<(AssociationType Type, string ToId)> Ties(JsonObject input, string id)
    {
        var ties = new List<(AssociationType Type, string ToId)>();
        var parents = new HashSet<string>();
        foreach (var association in input.Objects("associations"))
        {
            var toId = (association["to"] as JsonObject)?.Text("id") ?? "";
            foreach (var spec in association.Objects("types"))
            {
                var tie = AssociationRules.Named(_portal, spec, type, null);
                AssociationRules.CheckExists(_portal, tie.To, toId);
                if (tie.To == ObjectType.LineItems)
                {
                    AssociationRules.CheckFree(_portal, toId, type, id);
                }

                if (type == ObjectType.LineItems && parents.Add(toId) && parents.Count > 1)
                {
                    throw Refusal.Validation("A LINE_ITEM belongs to one parent only");
                }

                AssociationRules.CheckRoom(_portal, tie, id, toId, [.. ties.Select(t => (t.Type, id, t.ToId))]);
                AssociationRules.CheckRoom(_portal, Inverse(tie), toId, id, _planned);
                ties.Add((tie, toId));
            }
        }

        return ties;
    }

    private AssociationType Inverse(AssociationType type) => _portal.Associations.Types.Find(type.InverseId)!;
}
