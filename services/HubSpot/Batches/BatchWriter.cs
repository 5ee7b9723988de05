using HubSpotBus.HubSpot.Crm;
using HubSpotBus.HubSpot.Errors;
using Refit;

namespace HubSpotBus.HubSpot.Batches;

/// <summary>A record to write.</summary>
/// <param name="Key">Value of the key property; distinct within one call.</param>
/// <param name="Properties">Properties to set, without the key property: the writer adds it.</param>
/// <param name="Id">HubSpot id; needed for updates.</param>
/// <param name="Associations">Associations that a new record gets.</param>
public sealed record RecordWrite(
    string Key, IReadOnlyDictionary<string, string> Properties, string? Id = null, IReadOnlyList<AssociationTo>? Associations = null);

/// <summary>What became of one record: an id, or a problem.</summary>
/// <param name="Key">Value of the key property, as given.</param>
/// <param name="Id">HubSpot id of the record written.</param>
/// <param name="Problem">Why it was not.</param>
public sealed record WriteOutcome(string Key, string? Id, HubSpotProblem? Problem);

/// <summary>
/// Writes records in batches by HubSpot's rules (docs/hubspot.md): at most 100 inputs, each with a trace id so that one bad input
/// refuses only itself; answers matched by key, never by position; every input accounted for.
/// </summary>
public sealed class BatchWriter(IHubSpotApi api, RecordReader reader, AssociationWriter associations)
{
    /// <summary>Inputs of one batch call.</summary>
    public const int MaxInputs = 100;

    private const int ChunksAtOnce = 4;

    /// <summary>
    /// Creates records with their associations. When the answer is lost, the outcome is unknown; the same records are then upserted
    /// by their key, so that none is there twice, unless the key is not unique in this account. One outcome for each write.
    /// </summary>
    /// <exception cref="HubSpotUnavailableException">The outcome is unknown, and there is no unique key to repeat the writes by.</exception>
    /// <exception cref="HubSpotException">HubSpot is out of reach; what it surely has nothing of is <see cref="HubSpotException.Untouched"/>.</exception>
    public Task<IReadOnlyList<WriteOutcome>> CreateAsync(
        Guid subscriptionId, string objectType, string keyProperty, bool keyIsUnique, IReadOnlyList<RecordWrite> writes, CancellationToken cancellationToken) =>
        InChunksAsync(writes, async chunk =>
        {
            try
            {
                return await WriteAsync(new BatchOperation(subscriptionId, objectType, keyProperty, "create", keyIsUnique), chunk, cancellationToken);
            }
            catch (HubSpotUnavailableException late) when (keyIsUnique)
            {
                IEnumerable<IReadOnlyList<RecordWrite>> parts = late.TookTooLong ? BatchLedger.Halves(chunk) : [chunk];
                var outcomes = new List<WriteOutcome>();
                foreach (var part in parts)
                    outcomes.AddRange(await UpsertChunkAsync(subscriptionId, objectType, keyProperty, part, cancellationToken));
                return outcomes;
            }
        }, cancellationToken);

    /// <summary>Updates records by their HubSpot ids. One outcome for each write.</summary>
    public Task<IReadOnlyList<WriteOutcome>> UpdateAsync(
        Guid subscriptionId, string objectType, string keyProperty, IReadOnlyList<RecordWrite> writes, CancellationToken cancellationToken) =>
        InChunksAsync(
            writes,
            chunk => WriteAsync(new BatchOperation(subscriptionId, objectType, keyProperty, "update"), chunk, cancellationToken),
            cancellationToken);

    /// <summary>Creates or updates records by their key, then associates them. One outcome for each write.</summary>
    public Task<IReadOnlyList<WriteOutcome>> UpsertAsync(
        Guid subscriptionId, string objectType, string keyProperty, IReadOnlyList<RecordWrite> writes, CancellationToken cancellationToken) =>
        InChunksAsync(writes, chunk => UpsertChunkAsync(subscriptionId, objectType, keyProperty, chunk, cancellationToken), cancellationToken);

    /// <summary>Archives records; those that are gone already are fine.</summary>
    public async Task ArchiveAsync(Guid subscriptionId, string objectType, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        foreach (var chunk in ids.Distinct().Chunk(MaxInputs))
        {
            var request = new BatchRequest { Inputs = [.. chunk.Select(id => new BatchInput { Id = id })] };
            var answer = await HubSpotAnswers.CallAsync(() => api.ArchiveAsync(subscriptionId, objectType, request, cancellationToken), cancellationToken);
            if (!answer.IsSuccessStatusCode)
                throw new HubSpotRejectedException(ErrorParser.Parse(answer.BodyOfError(), (int)answer.StatusCode.GetValueOrDefault()));
        }
    }

    private async Task<IReadOnlyList<WriteOutcome>> UpsertChunkAsync(
        Guid subscriptionId, string objectType, string keyProperty, IReadOnlyList<RecordWrite> chunk, CancellationToken cancellationToken)
    {
        var outcomes = await WriteAsync(new BatchOperation(subscriptionId, objectType, keyProperty, "upsert"), chunk, cancellationToken);
        var idOf = outcomes.Where(o => o.Id is not null).ToDictionary(o => o.Key, o => o.Id!);
        var refused = await associations.AddAsync(subscriptionId, objectType,
            [.. chunk.Where(w => idOf.ContainsKey(w.Key)).SelectMany(w => (w.Associations ?? []).Select(to => (idOf[w.Key], to)))], cancellationToken);
        return [.. outcomes.Select(o => o.Id is { } id && refused.TryGetValue(id, out var problem) ? o with { Id = null, Problem = problem } : o)];
    }

    private async Task<IReadOnlyList<WriteOutcome>> WriteAsync(BatchOperation operation, IReadOnlyList<RecordWrite> writes, CancellationToken cancellationToken)
    {
        var ledger = new BatchLedger(operation.KeyProperty, writes);
        var refused = new Stack<IReadOnlyList<RecordWrite>>([writes]);
        var calls = 0;
        while (refused.TryPop(out var part))
        {
            var request = operation.RequestFor(part);
            IApiResponse<BatchAnswer> answer;
            calls++;
            try
            {
                answer = await HubSpotAnswers.CallAsync(
                    () => api.BatchAsync(operation.SubscriptionId, operation.ObjectType, operation.Name, request, cancellationToken), cancellationToken);
            }
            catch (HubSpotException refusal) when (operation.Name == "create" && part == writes && refusal is HubSpotThrottledException or HubSpotConnectionException)
            {
                refusal.Untouched = writes.Select(w => w.Key).ToHashSet();
                throw;
            }
            catch (HubSpotUnavailableException late) when (late.TookTooLong && operation.Name != "create" && part.Count > 1 && CallsLeft() >= 2)
            {
                foreach (var half in BatchLedger.Halves(part))
                    refused.Push(half);
                continue;
            }

            if (answer.IsSuccessStatusCode)
            {
                ledger.Settle(part, answer.Content ?? new BatchAnswer());
                if (operation.Name != "create")
                    foreach (var rest in ledger.Silent(part, CallsLeft()))
                        refused.Push(rest);
                continue;
            }

            var problem = ErrorParser.Parse(answer.BodyOfError(), (int)answer.StatusCode.GetValueOrDefault());
            foreach (var rest in ledger.Isolate(part, problem, CallsLeft()))
                refused.Push(rest);
        }

        if (ledger.Unaccounted() is { Count: > 0 } silent)
        {
            if (!operation.KeyIsUnique)
                throw new HubSpotUnavailableException($"the answer leaves out {silent.Count} of {writes.Count} records");
            var found = await reader.ReadAsync(operation.SubscriptionId, operation.ObjectType, operation.KeyProperty,
                [.. silent.Select(w => w.Key)], [operation.KeyProperty], cancellationToken);
            ledger.SettleSilent(found);
        }

        return ledger.Outcomes();

        int CallsLeft() => ledger.CallsAllowed - calls - refused.Count;
    }

    private static async Task<IReadOnlyList<WriteOutcome>> InChunksAsync(
        IReadOnlyList<RecordWrite> writes, Func<IReadOnlyList<RecordWrite>, Task<IReadOnlyList<WriteOutcome>>> write, CancellationToken cancellationToken)
    {
        var chunks = writes.Chunk(MaxInputs).ToList();
        var outcomes = new IReadOnlyList<WriteOutcome>[chunks.Count];
        var failures = new HubSpotException?[chunks.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = ChunksAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, chunks.Count, options, async (i, _) =>
        {
            if (failures.Any(f => f is not null))
                return;
            try
            {
                outcomes[i] = await write(chunks[i]);
            }
            catch (HubSpotException failure)
            {
                failures[i] = failure;
            }
        });
        if (failures.OfType<HubSpotException>().FirstOrDefault() is not { } first)
            return [.. outcomes.SelectMany(o => o)];
        first.Untouched = Enumerable.Range(0, chunks.Count).Where(i => outcomes[i] is null)
            .SelectMany(i => failures[i]?.Untouched ?? chunks[i].Select(w => w.Key)).ToHashSet();
        first.Written = outcomes.Where(o => o is not null).SelectMany(o => o).Where(o => o.Id is not null).ToDictionary(o => o.Key, o => o.Id!);
        throw first;
    }
}
