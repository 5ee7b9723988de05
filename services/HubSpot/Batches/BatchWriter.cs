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
public sealed class BatchWriter(IHubSpotApi api)
{
    /// <summary>Inputs of one batch call.</summary>
    public const int MaxInputs = 100;

    private const int MaxFound = 200;

    private const int MaxAssociations = 2000;

    // The reference says 2,000, the changelog of 2026-09 100.
    private const int MaxDisassociations = 100;

    // HubSpot takes search bodies of 3,000 characters; this much is left for the values with their quotes and commas.
    private const int MaxSearchText = 2500;
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
                IEnumerable<IReadOnlyList<RecordWrite>> parts = late.TookTooLong ? Halves(chunk) : [chunk];
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

    /// <summary>Reads records by id, or by the value of a unique property; those not found are left out.</summary>
    public async Task<IReadOnlyList<CrmRecord>> ReadAsync(
        Guid subscriptionId, string objectType, string? idProperty, IReadOnlyList<string> ids, IReadOnlyList<string> properties, CancellationToken cancellationToken)
    {
        var found = new List<CrmRecord>();
        foreach (var chunk in ids.Distinct().Chunk(MaxInputs))
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

    private static IEnumerable<IReadOnlyList<string>> ByLength(IEnumerable<string> values)
    {
        var (chunk, length) = (new List<string>(), 0);
        foreach (var value in values)
        {
            var more = System.Text.Json.JsonSerializer.Serialize(value).Length + 1;
            if (chunk.Count == MaxInputs || (chunk.Count > 0 && length + more > MaxSearchText))
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

    /// <summary>The record behind an id, or the one that it was merged into; null when it is gone.</summary>
    public async Task<CrmRecord?> SurvivorAsync(
        Guid subscriptionId, string objectType, string id, string property, CancellationToken cancellationToken)
    {
        var answer = await HubSpotAnswers.CallAsync(() => api.ReadAsync(subscriptionId, objectType, id, property, cancellationToken), cancellationToken);
        return answer.StatusCode == System.Net.HttpStatusCode.NotFound ? null : answer.ContentOrThrow();
    }

    /// <summary>Associates records, a call for each type of the others; doing it again changes nothing.</summary>
    /// <returns>Why some could not be, by the id of the record that they lead from.</returns>
    public async Task<IReadOnlyDictionary<string, HubSpotProblem>> AssociateAsync(
        Guid subscriptionId, string objectType, IReadOnlyList<(string From, AssociationTo To)> pairs, CancellationToken cancellationToken)
    {
        var refused = new Dictionary<string, HubSpotProblem>();
        foreach (var toType in pairs.GroupBy(p => p.To.ToObjectType))
        {
            foreach (var chunk in toType.Chunk(MaxAssociations))
                await AssociateChunkAsync(subscriptionId, objectType, toType.Key, chunk, refused, cancellationToken);
        }

        return refused;
    }

    /// <summary>Removes all associations between pairs of records, a call for each type of the others; what is not there is fine.</summary>
    public async Task DisassociateAsync(
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
    private async Task AssociateChunkAsync(
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
                foreach (var half in Halves(part))
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

            foreach (var rest in nameless is null ? [part] : Halves(part))
                open.Push(rest);
        }
    }

    private async Task<IReadOnlyList<WriteOutcome>> UpsertChunkAsync(
        Guid subscriptionId, string objectType, string keyProperty, IReadOnlyList<RecordWrite> chunk, CancellationToken cancellationToken)
    {
        var outcomes = await WriteAsync(new BatchOperation(subscriptionId, objectType, keyProperty, "upsert"), chunk, cancellationToken);
        var idOf = outcomes.Where(o => o.Id is not null).ToDictionary(o => o.Key, o => o.Id!);
        var refused = await AssociateAsync(subscriptionId, objectType,
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
                foreach (var half in Halves(part))
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
            var found = await ReadAsync(operation.SubscriptionId, operation.ObjectType, operation.KeyProperty,
                [.. silent.Select(w => w.Key)], [operation.KeyProperty], cancellationToken);
            ledger.SettleSilent(found);
        }

        return ledger.Outcomes();

        int CallsLeft() => ledger.CallsAllowed - calls - refused.Count;
    }

    private static IEnumerable<T[]> Halves<T>(IReadOnlyCollection<T> part) => part.Chunk((part.Count + 1) / 2);

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

internal sealed record BatchOperation(Guid SubscriptionId, string ObjectType, string KeyProperty, string Name, bool KeyIsUnique = true)
{
    public BatchRequest RequestFor(IReadOnlyList<RecordWrite> writes) => new()
    {
        Inputs = [.. writes.Select(write => new BatchInput
        {
            Id = Name switch { "update" => write.Id, "upsert" => write.Key, _ => null },
            IdProperty = Name == "upsert" ? KeyProperty : null,
            ObjectWriteTraceId = BatchLedger.TraceId(write),
            Properties = new Dictionary<string, string>(write.Properties) { [KeyProperty] = write.Key },
            Associations = Name == "create" ? [.. (write.Associations ?? []).Select(a => new AssociationInput
            {
                To = new RecordReference(a.ToId),
                Types = [.. a.TypeIds.Select(t => new AssociationType(t))],
            })] : null,
        })],
    };
}
