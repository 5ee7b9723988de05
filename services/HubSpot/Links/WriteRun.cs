using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Errors;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.HubSpot.Links;

/// <summary>One run of writing: the store, the rules, and what became of the records so far.</summary>
internal sealed record WriteRun(
    DbContext Db, LinkScope Scope, string ObjectType, WriteMode Mode, bool KeyIsUnique, LateWrites Late, TimeProvider Time)
{
    public string KeyProperty { get; } = KeyProperties.Of(ObjectType);

    public Dictionary<string, LinkedOutcome> Outcomes { get; } = [];

    public IQueryable<Link> Links() => Db.Set<Link>().Where(l => l.SubscriptionId == Scope.SubscriptionId && l.ObjectType == ObjectType);

    public Link Add(LinkedRecord record) => Db.Add(new Link
    {
        SubscriptionId = Scope.SubscriptionId, ObjectType = ObjectType, HubId = record.HubId, PartOf = record.PartOf,
    }).Entity;

    public RecordWrite WriteOf(LinkedRecord record, string? id = null) => new(Scope.KeyOf(record.HubId), record.Properties, id, record.Associations);

    /// <summary>Waits until older versions of them must be over, then stores that these are under way.</summary>
    public async Task BeginAsync(IReadOnlyList<(LinkedRecord Record, Link Link)> writes, TimeSpan settleTime, CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        var older = writes.Where(w => w.Link.IsOlderThan(w.Record)).Max(w => w.Link.SentAtLatest(now));
        await LateWrites.UntilOverAsync(older, settleTime, Time, cancellationToken);
        foreach (var (record, link) in writes)
            link.Begin(record, Time.GetUtcNow());
        await Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The record reached HubSpot.</summary>
    public void Keep(LinkedRecord record, Link link, string id, LinkedResult result)
    {
        Tie(link, id, shared: false);
        link.HubVersion = record.Version;
        link.ContentHash = record.ContentHash();
        (link.AssociationsHash, link.AssociatedWith) = (record.AssociationsHash(), record.Associations.Count == 0 ? null : string.Join(' ', record.With()));
        link.WrittenAt = Time.GetUtcNow();
        Outcomes[record.HubId] = new LinkedOutcome(record.HubId, id, result);
    }

    /// <summary>The record is tied to one that is not ours to write.</summary>
    public void Share(LinkedRecord record, Link link, string id)
    {
        Tie(link, id, shared: true);
        link.HubVersion = record.Version;
        Outcomes[record.HubId] = new LinkedOutcome(record.HubId, id, LinkedResult.Unchanged);
    }

    /// <summary>HubSpot does not have it and will not take it: no intent is left behind.</summary>
    public void Refuse(LinkedRecord record, Link link, HubSpotProblem problem)
    {
        Db.Remove(link);
        var value = problem.Value ?? (problem.Property is { } property ? record.Properties.GetValueOrDefault(property) : null);
        Outcomes[record.HubId] = new LinkedOutcome(record.HubId, null, LinkedResult.Rejected, problem with { Value = value });
    }

    /// <summary>The write has its answer, or nobody waits for it any more.</summary>
    public void End(Link link) => link.End(Time.GetUtcNow(), Late.MayCome);

    private void Tie(Link link, string id, bool shared)
    {
        (link.HubSpotId, link.Shared) = (id, shared);
        (link.ClaimedBy, link.ClaimedUntil) = (null, null);
        End(link);
    }
}

/// <summary>How links are kept.</summary>
public sealed class LinkOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Links";

    /// <summary>
    /// How long a write without an answer may still arrive. Where the account keeps no unique key, a create is looked for after this time only;
    /// a newer version of a record waits as long for the older one.
    /// </summary>
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(30);
}
