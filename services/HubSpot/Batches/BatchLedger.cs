using HubSpotBus.HubSpot.Crm;
using HubSpotBus.HubSpot.Errors;

namespace HubSpotBus.HubSpot.Batches;

/// <summary>Accounts for every write of a batch: inputs = results + errors, or it is looked up. Pure.</summary>
internal sealed class BatchLedger
{
    /// <summary>Calls that isolating one bad record of a batch may cost at most.</summary>
    public const int MaxExtraCalls = 20;

    // What the next bad one costs at most: a hundred are one after seven halvings of two calls each.
    private const int ExtraCallsForAnother = 14;

    // Refusals that are about the account or the mapping: no smaller batch would do better.
    private static readonly string[] HitAll = ["PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"];

    private static readonly HubSpotProblem NotMentioned = new() { Kind = ProblemKind.Unaccounted, Message = "The batch's answer does not mention the record." };

    private readonly string _keyProperty;
    private readonly IReadOnlyList<RecordWrite> _writes;
    private readonly Dictionary<string, WriteOutcome> _outcomes = new(StringComparer.Ordinal);
    private HubSpotProblem? _nameless;
    private int _bad;
    private bool _anyWritten;

    public BatchLedger(string keyProperty, IReadOnlyList<RecordWrite> writes)
    {
        _keyProperty = keyProperty;
        _writes = writes;
        if (writes.Select(w => w.Key).Distinct(StringComparer.Ordinal).Count() != writes.Count)
            throw new ArgumentException("The keys of one batch have to be distinct: HubSpot refuses the whole batch otherwise.", nameof(writes));
    }

    /// <summary>
    /// Calls that the batch may cost so far. Each bad record found grants more, as long as there are good ones beside: where HubSpot refuses
    /// whatever it gets, only the first twenty are spent.
    /// </summary>
    public int CallsAllowed => 1 + MaxExtraCalls + (_anyWritten ? _bad * ExtraCallsForAnother : 0);

    public static string TraceId(RecordWrite write) => write.Key;

    /// <summary>Takes an answer apart: results by key, then trace id, then record id; errors by trace id, then record id.</summary>
    public void Settle(IReadOnlyList<RecordWrite> part, BatchAnswer answer)
    {
        _nameless = null;
        foreach (var result in answer.Results ?? [])
        {
            if (WriteOf(part, result) is { } write && result.Id is not null)
            {
                _outcomes[write.Key] = new WriteOutcome(write.Key, result.Id, null);
                _anyWritten = true;
            }
        }

        foreach (var problem in (answer.Errors ?? []).Select(e => ErrorParser.Parse(e, 0)))
        {
            var named = Named(part, problem);
            foreach (var write in named)
                _outcomes[write.Key] = new WriteOutcome(write.Key, null, problem);
            if (named.Count == 0)
                _nameless = problem;
        }
    }

    /// <summary>What is left to try of a part that was refused whole: without the records that the error names, else its halves.</summary>
    public IEnumerable<IReadOnlyList<RecordWrite>> Isolate(IReadOnlyList<RecordWrite> part, HubSpotProblem problem, int callsLeft)
    {
        var named = Named(part, problem);
        if (part.Count == 1 || named.Count == part.Count || HitsAll(part, problem))
            return Refuse(part, problem);
        if (named.Count > 0)
        {
            Refuse(named, problem);
            part = [.. part.Except(named)];
            if (callsLeft > 0)
                return [part];
        }

        // Whoever is still together with others when the calls are used up is tried again some other time.
        var half = part.Count / 2;
        return callsLeft >= 2 ? [[.. part.Take(half)], [.. part.Skip(half)]] : Refuse(part, Together(problem));
    }

    /// <summary>
    /// What to write again of a part whose answer leaves some out: that the record is there does not say that it was changed. Never for
    /// creates, which would make it a second time.
    /// </summary>
    public IEnumerable<IReadOnlyList<RecordWrite>> Silent(IReadOnlyList<RecordWrite> part, int callsLeft)
    {
        var silent = part.Where(w => !_outcomes.ContainsKey(w.Key)).ToList();
        var reason = _nameless ?? NotMentioned;
        if (silent.Count == 0)
            return [];
        if (part.Count == 1)
            return Refuse(silent, reason);
        if (silent.Count < part.Count && callsLeft >= 1)
            return [silent];
        var half = silent.Count / 2;
        return callsLeft >= 2 && half > 0 ? [[.. silent.Take(half)], [.. silent.Skip(half)]] : Refuse(silent, Together(reason));
    }

    /// <summary>Writes that neither results nor errors account for.</summary>
    public IReadOnlyList<RecordWrite> Unaccounted() => [.. _writes.Where(w => !_outcomes.ContainsKey(w.Key))];

    /// <summary>Closes the unaccounted ones with what a read by key found.</summary>
    public void SettleSilent(IReadOnlyList<CrmRecord> found)
    {
        var silent = Unaccounted();
        var reason = _nameless ?? NotMentioned;
        Settle(silent, new BatchAnswer { Results = found });
        Refuse(Unaccounted(), reason);
    }

    /// <summary>One outcome for each write, in the order of the writes.</summary>
    public IReadOnlyList<WriteOutcome> Outcomes() => [.. _writes.Select(w => _outcomes[w.Key])];

    private IEnumerable<IReadOnlyList<RecordWrite>> Refuse(IReadOnlyList<RecordWrite> part, HubSpotProblem problem)
    {
        _bad += problem.Kind == ProblemKind.RefusedTogether ? 0 : part.Count;
        foreach (var write in part)
            _outcomes[write.Key] = new WriteOutcome(write.Key, null, problem);
        return [];
    }

    /// <summary>The same, for one of several that it may be about.</summary>
    public static HubSpotProblem Together(HubSpotProblem problem) => new()
    {
        Kind = ProblemKind.RefusedTogether,
        Message = problem.Message,
        CorrelationId = problem.CorrelationId,
    };

    private RecordWrite? WriteOf(IReadOnlyList<RecordWrite> part, CrmRecord result)
    {
        // HubSpot may give a key back in lower case; two keys may differ in nothing else.
        var key = result.Properties?.GetValueOrDefault(_keyProperty);
        return part.FirstOrDefault(w => w.Key == key)
            ?? part.FirstOrDefault(w => !_outcomes.ContainsKey(w.Key) && string.Equals(w.Key, key, StringComparison.OrdinalIgnoreCase))
            ?? part.FirstOrDefault(w => result.ObjectWriteTraceId is not null && TraceId(w) == result.ObjectWriteTraceId)
            ?? part.FirstOrDefault(w => w.Id is not null && w.Id == result.Id);
    }

    public static IEnumerable<T[]> Halves<T>(IReadOnlyCollection<T> part) => part.Chunk((part.Count + 1) / 2);

    private static List<RecordWrite> Named(IReadOnlyList<RecordWrite> part, HubSpotProblem problem)
    {
        var named = part.Where(w => problem.TraceIds.Contains(TraceId(w)) || (w.Id is not null && problem.RecordIds.Contains(w.Id))
            || problem.RecordIds.Contains(w.Key)).ToList();
        if (named.Count == 0 && problem is { Property: { } property, Value: { Length: > 0 } value })
            named = [.. part.Where(w => w.Properties.TryGetValue(property, out var own) && string.Equals(own, value, StringComparison.OrdinalIgnoreCase))];
        return named;
    }

    private static bool HitsAll(IReadOnlyList<RecordWrite> part, HubSpotProblem problem) =>
        problem.Message.Contains("non-unique", StringComparison.Ordinal)
        || (HitAll.Contains(problem.Category) && problem.Property is { } property && part.All(w => w.Properties.ContainsKey(property)));
}
