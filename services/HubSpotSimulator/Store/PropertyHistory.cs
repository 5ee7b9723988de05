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

    /// <summary>The record's history once it has other values; <paramref name="names"/> are those that may differ.</summary>
    public static IReadOnlyList<PropertyChange>? HistoryWith(
        this CrmRecord record, IReadOnlyDictionary<string, string> properties, IEnumerable<string> names, DateTimeOffset now, bool byPerson)
    {
        List<PropertyChange>? changes = null;
        foreach (var name in names)
        {
            if (record[name] is var before && (before ?? "") != properties.GetValueOrDefault(name, ""))
            {
                (changes ??= []).Add(new(name, before ?? "", now, byPerson));
            }
        }

        return changes is null ? record.History : Joined(changes, record.History);
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

    private static PropertyChange[] Joined(List<PropertyChange> changes, IReadOnlyList<PropertyChange>? before)
    {
        PropertyChange[] all = [.. changes, .. before ?? []];
        // The order matters within a property only.
        return all.Length <= MostVersions
            ? all
            : [.. all.GroupBy(c => c.Property, StringComparer.Ordinal).SelectMany(g => g.Take(MostVersions))];
    }
}
