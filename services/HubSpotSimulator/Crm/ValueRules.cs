using System.Globalization;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Whether values fit their property definitions; what fits is kept the way HubSpot keeps it.</summary>
internal static class ValueRules
{
    private const int MostCharacters = 65_536;

    private const string LifecycleStage = "lifecyclestage";

    private const string TaxRate = "hs_tax_rate_group_id";

    private sealed record BadValue(string Name, string Code, string Message);

    /// <summary>Refuses with all problems at once.</summary>
    public static Dictionary<string, string> Clean(Portal portal, ObjectType type, JsonNode? given, CrmRecord? existing, DateTimeOffset now)
    {
        if (given is not (null or JsonObject))
        {
            throw Refusal.Validation("Invalid input JSON: 'properties' must be an object");
        }

        var properties = portal.Properties(type);
        var clean = new Dictionary<string, string>(StringComparer.Ordinal);
        var bad = new List<BadValue>();
        foreach (var (name, node) in given as JsonObject ?? [])
        {
            var value = node.Text() ?? "";
            if (properties.Find(name) is not { } property || !portal.Shows(property, now))
            {
                bad.Add(new(name, "PROPERTY_DOESNT_EXIST", $"Property \"{name}\" does not exist"));
            }
            else if (property.Calculated)
            {
                bad.Add(new(name, "READ_ONLY_VALUE", $"\"{name}\" is a calculated property; its value cannot be set."));
            }
            else if (value.Length > MostCharacters)
            {
                bad.Add(new(name, "INVALID_LENGTH", $"{name} has {value.Length} characters; at most {MostCharacters} are allowed"));
            }
            else if (value.Length == 0)
            {
                clean[name] = "";
            }
            else if (Check(property, ref value, existing?[name]) is { } problem)
            {
                bad.Add(problem);
            }
            else if (type == ObjectType.LineItems && name == "price" && value.StartsWith('-'))
            {
                bad.Add(new(name, "INVALID_VALUE", $"{name} must not be negative: {value}"));
            }
            else if (type == ObjectType.LineItems && name == TaxRate && portal.Switches.TaxRates.All(r => r.Id != value))
            {
                var rates = string.Join(", ", portal.Switches.TaxRates.Select(r => r.Id));
                bad.Add(new(name, "INVALID_OPTION", $"{value} was not one of the allowed options: [{rates}]"));
            }
            else
            {
                clean[name] = name == LifecycleStage && IsBack(property, existing?[name], value) ? existing![name]! : value;
            }
        }

        CheckPipeline(portal, type, clean, existing, bad);
        return bad.Count == 0 ? clean : throw Refuse(bad, portal.Id);
    }

    /// <summary>A lifecycle stage goes forward only; who wants it back empties it first.</summary>
    private static bool IsBack(PropertyDefinition stages, string? before, string value)
    {
        int PlaceOf(string stage) => stages.Options.FirstOrDefault(o => o.Value == stage)?.DisplayOrder ?? -1;
        return before is not null && PlaceOf(value) < PlaceOf(before);
    }

    private static BadValue? Check(PropertyDefinition property, ref string value, string? before)
    {
        switch (property.Type)
        {
            case "number" when !decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _):
                return new(property.Name, "INVALID_INTEGER", $"{value} was not a valid number.");
            case "bool" when value.ToLowerInvariant() is not ("true" or "false"):
                return new(property.Name, "INVALID_OPTION", $"{value} was not one of the allowed options: [true, false]");
            case "bool":
                value = value.ToLowerInvariant();
                return null;
            case "date":
                return Date(property, ref value);
            case "datetime":
                return DateTime(property, ref value);
            case "enumeration" when !property.ExternalOptions:
                return Option(property, ref value, before);
        }

        if (property is { Name: "email", HubSpotDefined: true })
        {
            value = value.Trim().ToLowerInvariant();
            return IsEmail(value) ? null : new(property.Name, "INVALID_EMAIL", $"Email address {value} is invalid");
        }

        return null;
    }

    private static BadValue? Date(PropertyDefinition property, ref string value)
    {
        if (DateOnly.TryParseExact(value, "yyyy-MM-dd", out _))
        {
            return null;
        }

        if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
            || !IsTime(milliseconds))
        {
            return new(property.Name, "INVALID_LONG", $"{value} was not a valid long.");
        }

        var time = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        if (time.TimeOfDay != TimeSpan.Zero)
        {
            return new(property.Name, "INVALID_DATE", $"{value} is at {time:HH:mm:ss.fff} UTC, not midnight!");
        }

        value = time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return null;
    }

    private static BadValue? DateTime(PropertyDefinition property, ref string value)
    {
        if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds) && IsTime(milliseconds))
        {
            value = Json.Time(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
            return null;
        }

        if (value.Length >= 10 && DateTimeOffset.TryParse(
            value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            value = Json.Time(time);
            return null;
        }

        return new(property.Name, "INVALID_LONG", $"{value} was not a valid long.");
    }

    private static bool IsTime(long milliseconds) => milliseconds is > -62_135_596_800_000 and < 253_402_300_800_000;

    private static BadValue? Option(PropertyDefinition property, ref string value, string? before)
    {
        var several = property.FieldType == "checkbox";
        var values = several ? value.Split(';', StringSplitOptions.RemoveEmptyEntries) : [value];
        var wrong = values.FirstOrDefault(v => property.Options.All(o => o.Value != v));
        if (wrong is not null)
        {
            return new(property.Name, "INVALID_OPTION", NotAllowed(wrong, property.Options));
        }

        // A leading semicolon adds to what is there.
        if (several && value[0] == ';')
        {
            value = string.Join(';', (before ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Concat(values).Distinct());
        }

        return null;
    }

    private static string NotAllowed(string value, IEnumerable<PropertyOption> options) =>
        $"{value} was not one of the allowed options: ["
        + string.Join(", ", options.Select(o => $"label: \"{o.Label}\"\nvalue: \"{o.Value}\"\ndisplay_order: {o.DisplayOrder}\n")) + "]";

    private static bool IsEmail(string value) => value.Split('@') is [{ Length: > 0 }, var domain]
        && domain.IndexOf('.') > 0 && !domain.EndsWith('.') && !value.Any(char.IsWhiteSpace);

    private static void CheckPipeline(
        Portal portal, ObjectType type, Dictionary<string, string> clean, CrmRecord? existing, List<BadValue> bad)
    {
        if (type.PipelineProperty is not { } pipelineName || type.StageProperty is not { } stageName)
        {
            return;
        }

        var pipelines = portal.Pipelines(type);
        if (clean.GetValueOrDefault(pipelineName) is { Length: > 0 } asked && pipelines.All(p => p.Id != asked))
        {
            var options = pipelines.Select(p => new PropertyOption(p.Label, p.Id, p.DisplayOrder));
            bad.Add(new(pipelineName, "INVALID_OPTION", NotAllowed(asked, options)));
            return;
        }

        var pipelineId = clean.GetValueOrDefault(pipelineName) is { Length: > 0 } given ? given : existing?[pipelineName];
        var stages = (pipelines.FirstOrDefault(p => p.Id == pipelineId) ?? pipelines[0]).Stages;
        if (clean.GetValueOrDefault(stageName) is { Length: > 0 } stage && stages.All(s => s.Id != stage))
        {
            bad.Add(new(stageName, "INVALID_OPTION", NotAllowed(stage,
                stages.Select(s => new PropertyOption(s.Label, s.Id, s.DisplayOrder)))));
        }
    }

    private static Refusal Refuse(List<BadValue> bad, long portalId)
    {
        var list = new JsonArray([.. bad.Select(b => new JsonObject
        {
            ["isValid"] = false,
            ["message"] = b.Message,
            ["error"] = b.Code,
            ["name"] = b.Name,
            ["localizedErrorMessage"] = b.Message,
            ["portalId"] = portalId,
        })]);
        return Refusal.Validation($"Property values were not valid: {list.ToJsonString(Json.Web)}", [.. bad.Select(b => new JsonObject
        {
            ["message"] = b.Message,
            ["code"] = b.Code,
            ["context"] = new JsonObject { ["propertyName"] = new JsonArray(b.Name) },
        })]);
    }
}
