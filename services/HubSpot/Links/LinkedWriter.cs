using HubSpotBus.HubSpot.Adoption;
using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Errors;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.HubSpot.Links;

/// <summary>
/// Writes hub records of one HubSpot object type exactly once in effect. A write intent is stored, and claimed, before each create;
/// whoever finds it claimed waits for the outcome instead of creating a second one; an intent that nobody holds any more, or that the
/// same order made before its process died, is settled by upsert, or by looking where the key is not unique. What HubSpot has already is
/// adopted. No transaction is open while HubSpot is called. The caller has not sent or published anything yet.
/// </summary>
public sealed class LinkedWriter(
    BatchWriter batches, RecordReader reader, LinkedUpdates updates, ExistingRecords existing, Adopter adopter, IOptions<LinkOptions> options, TimeProvider time)
{
    // How long the egress keeps a call before it sends it.
    internal static readonly TimeSpan WaitForPermit = TimeSpan.FromMinutes(4);

    // Longer than the slowest call chain of one claim: egress wait and HubSpot's 100 s, twice for the repetition by key.
    internal static readonly TimeSpan Claim = 2 * WaitForPermit + TimeSpan.FromMinutes(4);
    private static readonly TimeSpan WaitForOthers = TimeSpan.FromSeconds(90);

    /// <summary>Writes the records; one outcome for each, in their order.</summary>
    /// <param name="db">The caller's store; its links are saved on the way.</param>
    /// <param name="scope">For whom, and by which rules.</param>
    /// <param name="objectType">HubSpot object type.</param>
    /// <param name="records">Records with distinct hub ids.</param>
    /// <param name="mode">How far to go with those that HubSpot has already.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="HubSpotException">HubSpot was out of reach; what is written is remembered, and calling again does the rest.</exception>
    public async Task<IReadOnlyList<LinkedOutcome>> WriteAsync(
        DbContext db, LinkScope scope, string objectType, IReadOnlyList<LinkedRecord> records, WriteMode mode, CancellationToken cancellationToken)
    {
        if (records.Count == 0)
            return [];
        var keyIsUnique = await ExistingRecords.KeyIsUniqueAsync(db, scope.SubscriptionId, objectType, cancellationToken);
        using var late = new LateWrites();
        var run = new WriteRun(db, scope, objectType, mode, keyIsUnique, late, time);
        var open = records;
        var giveUp = time.GetUtcNow() + WaitForOthers;
        for (var pause = TimeSpan.FromMilliseconds(20); open.Count > 0; pause = pause < TimeSpan.FromSeconds(1) ? pause * 2 : pause)
        {
            var work = await ClaimAsync(run, open, cancellationToken);
            try
            {
                await updates.WriteAsync(run, work, cancellationToken);
                await SettleWithoutKeyAsync(run, work, cancellationToken);
                await adopter.AdoptAsync(run, work.New, cancellationToken);
                await CreateAsync(run, work, cancellationToken);
            }
            catch (HubSpotException failure)
            {
                await ReleaseAsync(run, work, failure, CancellationToken.None);
                throw;
            }

            open = [.. open.Where(r => !run.Outcomes.ContainsKey(r.HubId))];
            if (open.Count == 0)
                break;
            if (time.GetUtcNow() > giveUp)
                throw new HubSpotUnavailableException($"another batch has been creating {objectType} {open[0].HubId} for too long");
            await Task.Delay(pause, time, cancellationToken);
        }

        return [.. records.Select(r => run.Outcomes[r.HubId])];
    }

    /// <summary>The HubSpot ids of records that were begun and never heard of again, as far as HubSpot has them: none is written.</summary>
    /// <exception cref="HubSpotException">HubSpot was out of reach, or a create may still arrive.</exception>
    public async Task<IReadOnlyList<string>> FindBegunAsync(
        DbContext db, LinkScope scope, string objectType, IReadOnlyList<Link> begun, CancellationToken cancellationToken)
    {
        if (begun.Count == 0)
            return [];
        var keys = begun.Select(l => scope.KeyOf(l.HubId)).ToList();
        if (!await ExistingRecords.KeyIsUniqueAsync(db, scope.SubscriptionId, objectType, cancellationToken))
        {
            await ListSettledAsync(db, scope, objectType, begun, cancellationToken);
            return await ExistingRecords.WithKeysAsync(db, scope.SubscriptionId, objectType, keys, cancellationToken);
        }

        var keyProperty = KeyProperties.Of(objectType);
        var found = await reader.ReadAsync(scope.SubscriptionId, objectType, keyProperty, keys, [keyProperty], cancellationToken);
        return [.. found.Select(r => r.Id!)];
    }

    /// <summary>Sorts the records by their links, and claims those to create. Those that somebody else creates right now are left out.</summary>
    private async Task<Work> ClaimAsync(WriteRun run, IReadOnlyList<LinkedRecord> records, CancellationToken cancellationToken)
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
                {
                    work.New.Add((record, run.Add(record).Begin(record, now)));
                    work.Begun.Add(work.New[^1].Link);
                }
                else if (link.HubSpotId is not null)
                    work.Linked.Add((record, link));
                else if (link.ClaimedUntil is null || link.ClaimedUntil <= now || link.ClaimedBy == run.Scope.Owner)
                    work.Unsettled.Add((record, link));
            }

            foreach (var (_, link) in work.New.Concat(work.Unsettled))
                (link.ClaimedBy, link.ClaimedUntil) = (run.Scope.Owner, now + Claim);
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

    /// <summary>
    /// Without a unique key a create of unknown outcome cannot be repeated. It is waited for until HubSpot must have done with it, then the
    /// newest records are listed: adoption finds it by its key, or it is created again. So is what was made after a backup, when that is restored.
    /// </summary>
    private async Task SettleWithoutKeyAsync(WriteRun run, Work work, CancellationToken cancellationToken)
    {
        if (run.KeyIsUnique || work.Unsettled.Count + work.New.Count == 0)
            return;
        if (work.Unsettled.Count == 0 && !await ExistingRecords.IsToBeListedAgainAsync(run.Db, run.Scope.SubscriptionId, run.ObjectType, cancellationToken))
            return;
        await ListSettledAsync(run.Db, run.Scope, run.ObjectType, work.Unsettled.Select(u => u.Link), cancellationToken);
        work.New.AddRange(work.Unsettled.Select(u => (u.Record, u.Link.Begin(u.Record, time.GetUtcNow()))));
        work.Again = true;
        work.Unsettled.Clear();
        await run.Db.SaveChangesAsync(cancellationToken);
    }

    private async Task ListSettledAsync(
        DbContext db, LinkScope scope, string objectType, IEnumerable<Link> begun, CancellationToken cancellationToken)
    {
        var settled = begun.Select(l => l.BegunAt).Max().GetValueOrDefault() + options.Value.SettleTime;
        if (settled > time.GetUtcNow())
            throw new HubSpotUnavailableException("it is not known yet whether an earlier write arrived", settled - time.GetUtcNow());
        await existing.ListAsync(db, scope.SubscriptionId, objectType, until: DateTimeOffset.MaxValue, cancellationToken);
    }

    private async Task CreateAsync(WriteRun run, Work work, CancellationToken cancellationToken)
    {
        work.Creates = true;

        // What HubSpot did not answer in time before goes in smaller batches.
        foreach (var part in work.New.Chunk(work.Again ? BatchWriter.MaxInputs / 2 : int.MaxValue))
        {
            var written = await batches.CreateAsync(run.Scope.SubscriptionId, run.ObjectType, run.KeyProperty, run.KeyIsUnique,
                [.. part.Select(n => run.WriteOf(n.Record))], cancellationToken);
            await KeepCreatedAsync(run, part, written, cancellationToken);
        }

        if (work.Unsettled.Count > 0)
        {
            await run.BeginAsync(work.Unsettled, options.Value.SettleTime, cancellationToken);
            var written = await batches.UpsertAsync(run.Scope.SubscriptionId, run.ObjectType, run.KeyProperty,
                [.. work.Unsettled.Select(n => run.WriteOf(n.Record))], cancellationToken);
            await KeepCreatedAsync(run, work.Unsettled, written, cancellationToken);
        }
    }

    private async Task KeepCreatedAsync(
        WriteRun run, IReadOnlyList<(LinkedRecord Record, Link Link)> created, IReadOnlyList<WriteOutcome> written, CancellationToken cancellationToken)
    {
        var conflicts = new List<(LinkedRecord, Link, HubSpotProblem)>();
        foreach (var ((record, link), outcome) in created.Zip(written))
        {
            if (outcome.Id is { } id)
                run.Keep(record, link, id, LinkedResult.Created);
            else if (outcome.Problem is { ExistingId: not null } conflict)
                conflicts.Add((record, link, conflict));
            else
                run.Refuse(record, link, outcome.Problem!);
        }

        await run.Db.SaveChangesAsync(cancellationToken);
        await adopter.AdoptConflictsAsync(run, conflicts, cancellationToken);
    }

    /// <summary>
    /// Gives the claims back. The intents stay where it is not known whether HubSpot has the records: what it surely has not is created the
    /// next time, at a call less than a repetition costs.
    /// </summary>
    private async Task ReleaseAsync(WriteRun run, Work work, HubSpotException failure, CancellationToken cancellationToken)
    {
        foreach (var (_, link) in work.Linked.Where(w => run.Mode == WriteMode.Write && !w.Link.Shared && !run.Outcomes.ContainsKey(w.Record.HubId)))
            run.End(link);

        foreach (var (record, link) in work.New.Concat(work.Unsettled).Where(w => w.Link.HubSpotId is null))
        {
            if (work.Creates && failure.Written.TryGetValue(run.Scope.KeyOf(record.HubId), out var id))
                run.Keep(record, link, id, LinkedResult.Created);
        }

        foreach (var (record, link) in work.New.Where(w => w.Link.HubSpotId is null && work.Begun.Contains(w.Link)))
        {
            if (!work.Creates || failure.Untouched.Contains(run.Scope.KeyOf(record.HubId)))
                run.Db.Remove(link);
        }

        // From now on nothing more is sent; what was sent may still arrive.
        var now = time.GetUtcNow();
        foreach (var (_, link) in work.New.Concat(work.Unsettled).Where(w => w.Link.HubSpotId is null && run.Db.Entry(w.Link).State is not (EntityState.Detached or EntityState.Deleted)))
            (link.ClaimedUntil, link.BegunAt) = (now, now);
        await run.Db.SaveChangesAsync(cancellationToken);
    }
}
