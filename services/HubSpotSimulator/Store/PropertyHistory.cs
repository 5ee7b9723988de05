namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>A property that changed, and the value it had before; "" is no value.</summary>
public readonly record struct PropertyChange(string Property, string Before, DateTimeOffset At, bool ByPerson);

/// <summary>A value that a property has or had, and since when.</summary>
internal readonly record struct PropertyVersion(string Value, DateTimeOffset At, bool ByPerson);

/// <summary>
/// Only changes are kept, each with what was before it: a record that never changes costs nothing, and its first values are those it was
/// created with.
/// </summary>
internal static class PropertyHistory
{
    private const int MostVersions = 20;

    /// <summary>The record with other values; <paramref name="names"/> are those that may differ.</summary>
    public static CrmRecord Changed(
        this CrmRecord record, IReadOnlyDictionary<string, string> properties, IEnumerable<string> names, DateTimeOffset now, bool byPerson)
    {
        var changes = names
            .Where(n => (record[n] ?? "") != properties.GetValueOrDefault(n, ""))
            .Select(n => new PropertyChange(n, record[n] ?? "", now, byPerson))
            .ToArray();
        return record with { Properties = properties, History = changes.Length > 0 ? Joined(changes, record.History) : record.History };
    }

    /// <summary>Newest first.</summary>
    public static IEnumerable<PropertyVersion> Versions(this CrmRecord record, string property, DateTimeOffset firstAt)
    {
        var (value, count) = (record[property] ?? "", 0);
        foreach (var change in (record.History ?? []).Where(c => c.Property == property))
        {
            if (++count > MostVersions)
            {
                yield break;
            }

            yield return new(value, change.At, change.ByPerson);
            value = change.Before;
        }

        if (value.Length > 0 && count < MostVersions)
        {
            yield return new(value, firstAt, record["hs_object_source"] == "CRM_UI");
        }
    }

    private static PropertyChange[] Joined(PropertyChange[] changes, IReadOnlyList<PropertyChange>? before)
    {
        PropertyChange[] all = [.. changes, .. before ?? []];
        // The order matters within a property only.
        return all.Length <= MostVersions
            ? all
            : [.. all.GroupBy(c => c.Property, StringComparer.Ordinal).SelectMany(g => g.Take(MostVersions))];
    }
}
