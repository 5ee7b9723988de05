namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>
/// Counts every call of the API, with the moment of its arrival: all together, and those of each account. Consent pages and the admin
/// interface are no calls.
/// </summary>
public sealed class CallLog(TimeProvider time)
{
    private const int Kept = 10_000;

    private readonly Lock _gate = new();
    private readonly Queue<LoggedCall> _latest = [];
    private readonly CallTally _all = new();
    private readonly Dictionary<long, CallTally> _ofAccounts = [];

    /// <summary>The last ten thousand that were answered, the latest first.</summary>
    public IReadOnlyList<LoggedCall> Latest
    {
        get
        {
            lock (_gate)
            {
                return [.. _latest.Reverse()];
            }
        }
    }

    public int Total => Read(TimeSpan.Zero).Total;

    public int MostAtOnce => Read(TimeSpan.Zero).MaxAtOnce;

    public IReadOnlyDictionary<string, int> ByKind => Read(TimeSpan.Zero).ByKind;

    /// <summary>The largest number of calls that arrived within any window of this length.</summary>
    public int MostWithin(TimeSpan window) => Read(window).MaxInSlidingWindow;

    /// <summary>How many calls of a kind there were, e.g. of <c>orders.batch.create</c>.</summary>
    public int Of(string kind) => Read(TimeSpan.Zero).ByKind.GetValueOrDefault(kind);

    /// <summary>How many calls got this status.</summary>
    public int Answered(int status) => Read(TimeSpan.Zero).ByStatus.GetValueOrDefault(status);

    public CallCounts Read(TimeSpan window)
    {
        lock (_gate)
        {
            return _all.Read(window);
        }
    }

    /// <summary>Those of one account: with one of its tokens, or, of OAuth's, about its code or token.</summary>
    public CallCounts Read(TimeSpan window, long portalId)
    {
        lock (_gate)
        {
            return (_ofAccounts.GetValueOrDefault(portalId) ?? new CallTally()).Read(window);
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _latest.Clear();
            _all.Reset();
            foreach (var account in _ofAccounts.Values)
            {
                account.Reset();
            }
        }
    }

    /// <param name="kind">What is called.</param>
    /// <param name="portalId">Whose token it has; null when it has none, or none that is known.</param>
    internal CountedCall Begin(string kind, long? portalId)
    {
        var call = new CountedCall(this, kind, time.GetUtcNow(), time.GetTimestamp());
        lock (_gate)
        {
            _all.Begin(kind, call.At);
        }

        call.IsOf(portalId);
        return call;
    }

    private CallTally BeginOfAccount(CountedCall call, long portalId)
    {
        lock (_gate)
        {
            if (!_ofAccounts.TryGetValue(portalId, out var account))
            {
                _ofAccounts[portalId] = account = new CallTally();
            }

            account.Begin(call.Kind, call.At);
            return account;
        }
    }

    private void End(CountedCall call, CallTally? account, int? status, string? fault)
    {
        lock (_gate)
        {
            _all.End(status);
            account?.End(status);
            if (status is { } known)
            {
                _latest.Enqueue(new(call.At, call.Kind, known, time.GetElapsedTime(call.Began), fault));
                if (_latest.Count > Kept)
                {
                    _latest.Dequeue();
                }
            }
        }
    }

    /// <summary>
    /// Ends when the answer is ready to be written, so that a client calling one after the other never counts as two at once.
    /// </summary>
    internal sealed class CountedCall(CallLog log, string kind, DateTimeOffset at, long began) : IDisposable
    {
        private CallTally? _account;
        private bool _ended;

        public string Kind => kind;

        public DateTimeOffset At => at;

        public long Began => began;

        /// <summary>The account may be known only when the body is read; the first one counts.</summary>
        public void IsOf(long? portalId)
        {
            if (portalId is { } known)
            {
                _account ??= log.BeginOfAccount(this, known);
            }
        }

        public void Answered(int status, string? fault) => End(status, fault);

        public void Dispose() => End(null, null);

        private void End(int? status, string? fault)
        {
            if (!_ended)
            {
                _ended = true;
                log.End(this, _account, status, fault);
            }
        }
    }
}

/// <summary>A call and when it arrived; <c>Fault</c> is the id of the fault that struck it.</summary>
public sealed record LoggedCall(DateTimeOffset At, string Kind, int Status, TimeSpan Took, string? Fault);

/// <summary>In <c>ByStatus</c>, 0 is a connection cut on request.</summary>
public sealed record CallCounts(
    int Total, SortedDictionary<string, int> ByKind, SortedDictionary<int, int> ByStatus, int MaxInSlidingWindow, int MaxAtOnce);
