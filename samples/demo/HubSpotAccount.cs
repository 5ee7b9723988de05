using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace HubSpotBus.Samples;

/// <summary>Looks into the HubSpot account behind the demo, and at the calls that were made to it.</summary>
internal sealed class HubSpotAccount(HttpClient http, string portalId)
{
    /// <summary>Calls of this account only: limits and budget belong to the account.</summary>
    public async Task<(int Total, int InAMinute, int AtOnce)> CallsAsync()
    {
        var counters = (await http.GetFromJsonAsync<JsonNode>($"/_simulator/portals/{portalId}/counters?windowSeconds=60"))!;
        return ((int)counters["total"]!, (int)counters["maxInSlidingWindow"]!, (int)counters["maxAtOnce"]!);
    }

    public async Task<List<HubSpotRecord>> RecordsAsync(string type) =>
        [.. (await http.GetFromJsonAsync<JsonArray>($"/_simulator/portals/{portalId}/records/{type}"))!.Select(node => new HubSpotRecord(node!))];
}

internal sealed class HubSpotRecord(JsonNode node)
{
    /// <summary>The id that the hub's record has in the hub, out of the key that the hub wrote.</summary>
    public string? HubId(string keyProperty) => this[keyProperty]?.Split(':')[^1];

    public decimal Money(string property) => decimal.Parse(this[property] ?? "-1", CultureInfo.InvariantCulture);

    public string Id => (string)node["id"]!;

    public string? this[string property] => (string?)node["properties"]![property];

    /// <summary>Names of the properties that have this value.</summary>
    public IEnumerable<string> PropertiesWith(string value) => ((JsonObject)node["properties"]!).Where(p => (string?)p.Value == value).Select(p => p.Key);

    /// <summary>Ids of the records of a type that it is associated with.</summary>
    public IReadOnlyList<string> To(string type) =>
        [.. ((JsonArray?)node["associations"]?[type] ?? []).Select(to => to is JsonObject link ? link["id"]!.ToString() : to!.ToString()).Distinct()];
}
