using HubSpotBus.HubSpot.Crm;
using HubSpotBus.HubSpot.Errors;
using Refit;

namespace HubSpotBus.HubSpot.Batches;

/// <summary>Adds and removes associations between records in batches by HubSpot's rules (docs/hubspot.md).</summary>
public sealed class AssociationWriter(IHubSpotApi api)
{
    private const int MaxAssociations = 2000;

    // The reference says 2,000, the changelog of 2026-09 100.
    private const int MaxDisassociations = 100;

    /// <summary>Associates records, a call for each type of the others; doing it again changes nothing.</summary>
    /// <returns>Why some could not be, by the id of the record that they lead from.</returns>
    public async Task<IReadOnlyDictionary<string, HubSpotProblem>> AddAsync(
        Guid subscriptionId, string objectType, IReadOnlyList<(string From, AssociationTo To)> pairs, CancellationToken cancellationToken)
    {
        var refused = new Dictionary<string, HubSpotProblem>();
        foreach (var toType in pairs.GroupBy(p => p.To.ToObjectType))
        {
            foreach (var chunk in toType.Chunk(MaxAssociations))
                await AddChunkAsync(subscriptionId, objectType, toType.Key, chunk, refused, cancellationToken);
        }

        return refused;
    }

    /// <summary>Removes all associations between pairs of records, a call for each type of the others; what is not there is fine.</summary>
    public async Task RemoveAsync(
        Guid subscriptionId, string objectType, IReadOnlyList<(string From, string ToType, string To)> pairs, CancellationToken cancellationToken)
    {
        foreach (var toType in pairs.GroupBy(p => p.ToType))
        {
            foreach (var chunk in toType.Chunk(MaxDisassociations))
            {
                var request = new DisassociationRequest([.. chunk.Select(p => new DisassociationInput(new RecordReference(p.From), [new RecordReference(p.To)]))]);

                // A refusal is about records that HubSpot no longer has, and so no association either.
                await HubSpotAnswers.CallAsync(
                    () => api.DisassociateAsync(subscriptionId, objectType, toType.Key, request, cancellationToken), cancellationToken);
            }
        }
    }

    // Pairs that an error names are refused; where it names none, the halves are tried until it is about one pair, or the calls are used up.
    private async Task AddChunkAsync(
        Guid subscriptionId, string fromType, string toType, (string From, AssociationTo To)[] pairs, Dictionary<string, HubSpotProblem> refused,
        CancellationToken cancellationToken)
    {
        var open = new Stack<(string From, AssociationTo To)[]>([pairs]);
        var callsLeft = 1 + BatchLedger.MaxExtraCalls;
        while (open.TryPop(out var part))
        {
            var request = new AssociationRequest
            {
                Inputs = [.. part.Select(p => new AssociationInput
                {
                    From = new RecordReference(p.From),
                    To = new RecordReference(p.To.ToId),
                    Types = [.. p.To.TypeIds.Select(t => new AssociationType(t))],
                })],
            };
            IApiResponse<BatchAnswer> answer;
            callsLeft--;
            try
            {
                answer = await HubSpotAnswers.CallAsync(
                    () => api.AssociateAsync(subscriptionId, fromType, toType, request, cancellationToken), cancellationToken);
            }
            catch (HubSpotUnavailableException late) when (late.TookTooLong && part.Length > 1 && callsLeft - open.Count >= 2)
            {
                foreach (var half in BatchLedger.Halves(part))
                    open.Push(half);
                continue;
            }

            var problems = answer.IsSuccessStatusCode
                ? [.. (answer.Content?.Errors ?? []).Select(e => ErrorParser.Parse(e, 0))]
                : new List<HubSpotProblem> { ErrorParser.Parse(answer.BodyOfError(), (int)answer.StatusCode.GetValueOrDefault()) };
            HubSpotProblem? nameless = null;
            foreach (var problem in problems)
            {
                var named = part.Where(p => problem.RecordIds.Contains(p.From) || problem.RecordIds.Contains(p.To.ToId)).ToArray();
                foreach (var (from, _) in named)
                    refused[from] = problem;
                nameless = named.Length == 0 ? problem : nameless;
            }

            part = [.. part.Where(p => !refused.ContainsKey(p.From))];
            if (part.Length == 0 || (answer.IsSuccessStatusCode && nameless is null))
                continue;
            if (nameless is not null && (part.Length == 1 || callsLeft - open.Count < 2))
            {
                foreach (var (from, _) in part)
                    refused[from] = part.Length == 1 ? nameless : BatchLedger.Together(nameless);
                continue;
            }

            foreach (var rest in nameless is null ? [part] : BatchLedger.Halves(part))
                open.Push(rest);
        }
    }
}
