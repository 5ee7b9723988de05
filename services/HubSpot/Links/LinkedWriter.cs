using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Errors;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.HubSpot.Links;

/// <summary>
/// Writes hub records of one HubSpot object type exactly once in effect. A write intent is stored, and claimed, before each create;
/// whoever finds it claimed waits for the outcome instead of creating a second one; an intent that nobody holds any more, or that the
/// same order made before its process died, is settled by upsert. No transaction is open while HubSpot is called. The caller has not sent or published anything yet.
/// </summary>
public sealed class LinkedWriter(BatchWriter batches, TimeProvider time)
{
    // Longer than the slowest call chain of one claim: egress wait, HubSpot's 100 s, and the repetition by key.
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan WaitForOthers = TimeSpan.FromSeconds(90);

    /// <summary>Writes the records; one outcome for each, in their order.</summary>
    /// <param name="db">The caller's store; its links are saved on the way.</param>
    /// <param name="subscriptionId">The subscription.</param>
    /// <param name="hubKey">Part of every key value.</param>
    /// <param name="objectType">HubSpot object type.</param>
    /// <param name="records">Records with distinct hub ids.</param>
    /// <param name="mode">How far to go with those that HubSpot has already.</param>
    /// <param name="owner">Who claims: the MessageId of the order, the same when it is carried out again.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="HubSpotException">HubSpot was out of reach; what is written is remembered, and calling again does the rest.</exception>
    public async Task<IReadOnlyList<LinkedOutcome>> WriteAsync(
        DbContext db, Guid subscriptionId, string hubKey, string objectType,
        IReadOnlyList<LinkedRecord> records, WriteMode mode, Guid owner, CancellationToken cancellationToken)
    {
        var run = new Run(db, subscriptionId, hubKey, objectType, KeyProperties.Of(objectType), mode, owner);
        var outcomes = new Dictionary<string, LinkedOutcome>();
        var open = records;
        var giveUp = time.GetUtcNow() + WaitForOthers;
        for (var pause = TimeSpan.FromMilliseconds(20); open.Count > 0; pause = pause < TimeSpan.FromSeconds(1) ? pause * 2 : pause)
        {
            var work = await ClaimAsync(run, open, cancellationToken);
            try
            {
                await UpdateAsync(run, work, outcomes, cancellationToken);
                await CreateAsync(run, work, outcomes, cancellationToken);
            }
            catch (HubSpotException)
            {
                await ReleaseAsync(run, work, CancellationToken.None);
                throw;
            }

            open = [.. open.Where(r => !outcomes.ContainsKey(r.HubId))];
            if (open.Count == 0)
                break;
            if (time.GetUtcNow() > giveUp)
                throw new HubSpotUnavailableException($"another batch has been creating {objectType} {open[0].HubId} for too long");
            await Task.Delay(pause, time, cancellationToken);
        }

        return [.. records.Select(r => outcomes[r.HubId])];
    }

    /// <summary>Sorts the records by their links, and claims those to create. Those that somebody else creates right now are left out.</summary>
    private async Task<Work> ClaimAsync(Run run, IReadOnlyList<LinkedRecord> records, CancellationToken cancellationToken)
    {
        while (true)
        {
            // What was read before may be somebody else's to change: read it anew.
            foreach (var entry in run.Db.ChangeTracker.Entries<Link>().ToList())
                entry.State = EntityState.Detached;
            var ids = records.Select(r => r.HubId).ToList();
            var links = await run.Links().Where(l => ids.Contains(l.HubId)).ToDictionaryAsync(l => l.HubId, cancellationToken);
            var work = new Work();
            var now = time.GetUtcNow();
            foreach (var record in records)
            {
                if (!links.TryGetValue(record.HubId, out var link))
                    work.New.Add((record, run.Add(record, now + Claim)));
                else if (link.HubSpotId is not null)
                    work.Linked.Add((record, link));
                else if (link.ClaimedUntil is null || link.ClaimedUntil <= now || link.ClaimedBy == run.Owner)
                    work.Unsettled.Add((record, Taken(link, run.Owner, now + Claim)));
            }

            try
            {
                await run.Db.SaveChangesAsync(cancellationToken);
                return work;
            }
            catch (DbUpdateException)
            {
                // Somebody else claimed one of them meanwhile: look again.
            }
        }
    }

    private async Task UpdateAsync(Run run, Work work, Dictionary<string, LinkedOutcome> outcomes, CancellationToken cancellationToken)
    {
        var changed = new List<(LinkedRecord Record, Link Link)>();
        foreach (var (record, link) in work.Linked)
        {
            if (run.Mode == WriteMode.Write && record.Version >= link.HubVersion && record.ContentHash() != link.ContentHash)
                changed.Add((record, link));
            else
                outcomes[record.HubId] = NothingToWrite(run, record, link);
        }

        if (changed.Count == 0)
        {
            await run.Db.SaveChangesAsync(cancellationToken);
            return;
        }

        var written = await batches.UpdateAsync(run.SubscriptionId, run.ObjectType, run.KeyProperty,
            [.. changed.Select(c => run.WriteOf(c.Record, c.Link.HubSpotId))], cancellationToken);
        foreach (var ((record, link), outcome) in changed.Zip(written))
        {
            if (outcome.Problem is { Kind: ProblemKind.NotFound })
                work.New.Add((record, Taken(Unlinked(link), run.Owner, time.GetUtcNow() + Claim)));   // a dead link: it is created again
            else if (outcome.Problem is { } problem)
                outcomes[record.HubId] = new LinkedOutcome(record.HubId, link.HubSpotId, LinkedResult.Rejected, problem);
            else
                outcomes[record.HubId] = Written(record, link, outcome.Id!, LinkedResult.Updated);
        }

        await run.Db.SaveChangesAsync(cancellationToken);
    }

    private async Task CreateAsync(Run run, Work work, Dictionary<string, LinkedOutcome> outcomes, CancellationToken cancellationToken)
    {
        if (work.New.Count > 0)
        {
            var written = await batches.CreateAsync(run.SubscriptionId, run.ObjectType, run.KeyProperty,
                [.. work.New.Select(n => run.WriteOf(n.Record))], cancellationToken);
            await KeepCreatedAsync(run, work.New, written, outcomes, cancellationToken);
        }

        if (work.Unsettled.Count > 0)
        {
            var written = await batches.UpsertAsync(run.SubscriptionId, run.ObjectType, run.KeyProperty,
                [.. work.Unsettled.Select(n => run.WriteOf(n.Record))], cancellationToken);
            await KeepCreatedAsync(run, work.Unsettled, written, outcomes, cancellationToken);
        }
    }

    private async Task KeepCreatedAsync(
        Run run, List<(LinkedRecord Record, Link Link)> created, IReadOnlyList<WriteOutcome> written,
        Dictionary<string, LinkedOutcome> outcomes, CancellationToken cancellationToken)
    {
        foreach (var ((record, link), outcome) in created.Zip(written))
        {
            if (outcome.Id is { } id)
            {
                outcomes[record.HubId] = Written(record, link, id, LinkedResult.Created);
            }
            else if (outcome.Problem is { ExistingId: { } existing } conflict)
            {
                outcomes[record.HubId] = await LinkExistingAsync(run, record, link, existing, conflict, cancellationToken);
            }
            else
            {
                run.Db.Remove(link);
                outcomes[record.HubId] = new LinkedOutcome(record.HubId, null, LinkedResult.Rejected, outcome.Problem);
            }
        }

        await run.Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>A record that is in HubSpot already becomes ours when it carries no other hub's key.</summary>
    private async Task<LinkedOutcome> LinkExistingAsync(
        Run run, LinkedRecord record, Link link, string existingId, HubSpotProblem conflict, CancellationToken cancellationToken)
    {
        var found = await batches.ReadAsync(run.SubscriptionId, run.ObjectType, null, [existingId], [run.KeyProperty], cancellationToken);
        var key = found is [var existing, ..] ? existing.Properties?.GetValueOrDefault(run.KeyProperty) : null;
        if (found.Count > 0 && (string.IsNullOrEmpty(key) || key == run.KeyOf(record)))
        {
            var written = await batches.UpdateAsync(
                run.SubscriptionId, run.ObjectType, run.KeyProperty, [run.WriteOf(record, existingId)], cancellationToken);
            if (written[0].Id is { } id)
                return Written(record, link, id, LinkedResult.Updated);
            conflict = written[0].Problem!;
        }

        run.Db.Remove(link);
        return new LinkedOutcome(record.HubId, null, LinkedResult.Rejected, conflict);
    }

    /// <summary>Gives the claims back. The intents stay: whether HubSpot has the records is not known.</summary>
    private async Task ReleaseAsync(Run run, Work work, CancellationToken cancellationToken)
    {
        foreach (var (_, link) in work.New.Concat(work.Unsettled).Where(w => w.Link.HubSpotId is null && run.Db.Entry(w.Link).State != EntityState.Detached))
            link.ClaimedUntil = time.GetUtcNow();
        await run.Db.SaveChangesAsync(cancellationToken);
    }

    private static LinkedOutcome NothingToWrite(Run run, LinkedRecord record, Link link)
    {
        if (link.HubVersion == record.Version)
            return new LinkedOutcome(record.HubId, link.HubSpotId, LinkedResult.WrittenBefore);
        if (run.Mode == WriteMode.Write && record.Version > link.HubVersion)
            link.HubVersion = record.Version;
        return new LinkedOutcome(record.HubId, link.HubSpotId, LinkedResult.Unchanged);
    }

    private LinkedOutcome Written(LinkedRecord record, Link link, string id, LinkedResult result)
    {
        link.HubSpotId = id;
        link.HubVersion = record.Version;
        link.ContentHash = record.ContentHash();
        link.WrittenAt = time.GetUtcNow();
        link.ClaimedBy = null;
        link.ClaimedUntil = null;
        return new LinkedOutcome(record.HubId, id, result);
    }

    private static Link Taken(Link link, Guid owner, DateTimeOffset until)
    {
        link.ClaimedBy = owner;
        link.ClaimedUntil = until;
        return link;
    }

    private static Link Unlinked(Link link)
    {
        link.HubSpotId = null;
        link.ContentHash = null;
        return link;
    }

    private sealed class Work
    {
        public List<(LinkedRecord Record, Link Link)> Linked { get; } = [];

        public List<(LinkedRecord Record, Link Link)> New { get; } = [];

        /// <summary>Begun by somebody who was never heard of again.</summary>
        public List<(LinkedRecord Record, Link Link)> Unsettled { get; } = [];
    }

    private sealed record Run(
        DbContext Db, Guid SubscriptionId, string HubKey, string ObjectType, string KeyProperty, WriteMode Mode, Guid Owner)
    {
        public IQueryable<Link> Links() => Db.Set<Link>().Where(l => l.SubscriptionId == SubscriptionId && l.ObjectType == ObjectType);

        public Link Add(LinkedRecord record, DateTimeOffset claimedUntil)
        {
            var link = new Link { SubscriptionId = SubscriptionId, ObjectType = ObjectType, HubId = record.HubId, PartOf = record.PartOf };
            Db.Add(Taken(link, Owner, claimedUntil));
            return link;
        }

        public string KeyOf(LinkedRecord record) => KeyProperties.Value(HubKey, record.HubId);

        public RecordWrite WriteOf(LinkedRecord record, string? id = null) => new(KeyOf(record), record.Properties, id, record.Associations);
    }
}
