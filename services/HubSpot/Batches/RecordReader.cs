using HubSpotBus.HubSpot.Crm;

namespace HubSpotBus.HubSpot.Batches;

/// <summary>Reads records, as many by one call as HubSpot allows (docs/hubspot.md).</summary>
public sealed class RecordReader(IHubSpotApi api)
{
    private const int MaxFound = 200;

    // HubSpot takes search bodies of 3,000 characters; this much is left for the values with their quotes and commas.
    private const int MaxSearchText = 2500;

    /// <summary>Reads records by id, or by the value of a unique property; those not found are left out.</summary>
    public async Task<IReadOnlyList<CrmRecord>> ReadAsync(
        Guid subscriptionId, string objectType, string? idProperty, IReadOnlyList<string> ids, IReadOnlyList<string> properties, CancellationToken cancellationToken)
    {
        var found = new List<CrmRecord>();
        foreach (var chunk in ids.Distinct().Chunk(BatchWriter.MaxInputs))
        {
            var request = new BatchRequest { Inputs = [.. chunk.Select(id => new BatchInput { Id = id })], IdProperty = idProperty, Properties = properties };
            var answer = await HubSpotAnswers.CallAsync(() => api.BatchAsync(subscriptionId, objectType, "read", request, cancellationToken), cancellationToken);
            found.AddRange(answer.ContentOrThrow().Results ?? []);
        }

        return found;
    }

    /// <summary>Searches records by the text of a property; what was written in the last seconds may be missing.</summary>
    public async Task<IReadOnlyList<CrmRecord>> SearchAsync(
        Guid subscriptionId, string objectType, string property, IReadOnlyList<string> values, CancellationToken cancellationToken)
    {
        var found = new List<CrmRecord>();
        foreach (var chunk in ByLength(values.Select(v => v.ToLowerInvariant()).Distinct()))
        {
            var request = new SearchRequest { FilterGroups = [new([new(property, "IN", chunk)])], Properties = [property], Limit = MaxFound };
            var answer = await HubSpotAnswers.CallAsync(() => api.SearchAsync(subscriptionId, objectType, request, cancellationToken), cancellationToken);
            found.AddRange(answer.ContentOrThrow().Results ?? []);
        }

        return found;
    }

    /// <summary>The record behind an id, or the one that it was merged into; null when it is gone.</summary>
    public async Task<CrmRecord?> SurvivorAsync(
        Guid subscriptionId, string objectType, string id, string property, CancellationToken cancellationToken)
    {
        var answer = await HubSpotAnswers.CallAsync(() => api.ReadAsync(subscriptionId, objectType, id, property, cancellationToken), cancellationToken);
        return answer.StatusCode == System.Net.HttpStatusCode.NotFound ? null : answer.ContentOrThrow();
    }

    private static IEnumerable<IReadOnlyList<string>> ByLength(IEnumerable<string> values)
    {
        var (chunk, length) = (new List<string>(), 0);
        foreach (var value in values)
        {
            var more = System.Text.Json.JsonSerializer.Serialize(value).Length + 1;
            if (chunk.Count == BatchWriter.MaxInputs || (chunk.Count > 0 && length + more > MaxSearchText))
            {
                yield return chunk;
                (chunk, length) = ([], 0);
            }

            chunk.Add(value);
            length += more;
        }

        if (chunk.Count > 0)
            yield return chunk;
    }
}
