using HubSpotBus.HubSpotSimulator.Calls;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>The app's subscriptions to the journal; they have nothing to do with those of webhooks.</summary>
internal sealed class JournalSubscriptions
{
    private readonly Lock _gate = new();
    private volatile IReadOnlyList<JournalSubscription> _all = [];
    private long _lastId;

    public IReadOnlyList<JournalSubscription> All => _all;

    public JournalSubscription Find(string id) => _all.FirstOrDefault(s => s.Id.ToString() == id) ?? throw Refusal.NotFound();

    /// <summary>One about the same changes, and keeps its id and its filters.</summary>
    public JournalSubscription Put(JournalSubscription asked)
    {
        lock (_gate)
        {
            var put = _all.FirstOrDefault(asked.IsAbout) is { } known
                ? asked with { Id = known.Id, CreatedAt = known.CreatedAt, Filters = known.Filters }
                : asked with { Id = ++_lastId };
            _all = [.. _all.Where(s => s.Id != put.Id), put];
            return put;
        }
    }

    public JournalFilter AddFilter(string subscriptionId, DateTimeOffset now, IReadOnlyList<JournalCondition> conditions)
    {
        lock (_gate)
        {
            var subscription = Find(subscriptionId);
            var filter = new JournalFilter(++_lastId, now, conditions);
            Replace(subscription with { Filters = [.. subscription.Filters, filter] });
            return filter;
        }
    }

    public JournalFilter FindFilter(string id) =>
        _all.SelectMany(s => s.Filters).FirstOrDefault(f => f.Id.ToString() == id) ?? throw Refusal.NotFound();

    public void RemoveFilter(string id)
    {
        lock (_gate)
        {
            var gone = FindFilter(id);
            var subscription = _all.First(s => s.Filters.Contains(gone));
            Replace(subscription with { Filters = [.. subscription.Filters.Where(f => f != gone)] });
        }
    }

    public void Remove(Func<JournalSubscription, bool> which)
    {
        lock (_gate)
        {
            _all = [.. _all.Where(s => !which(s))];
        }
    }

    private void Replace(JournalSubscription subscription) =>
        _all = [.. _all.Select(s => s.Id == subscription.Id ? subscription : s)];
}
