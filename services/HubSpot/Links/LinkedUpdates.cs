using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Errors;
using Microsoft.Extensions.Options;

namespace HubSpotBus.HubSpot.Links;

/// <summary>Updates what is linked and differs; what HubSpot no longer has is mended, or is to be created anew.</summary>
public sealed class LinkedUpdates(
    BatchWriter batches, RecordReader reader, AssociationWriter associations, DeadLinks deadLinks, IOptions<LinkOptions> options, TimeProvider time)
{
    internal async Task WriteAsync(WriteRun run, Work work, CancellationToken cancellationToken)
    {
        var changed = work.Linked.Where(w => run.Mode == WriteMode.Write && w.Record.Version >= w.Link.HubVersion && !w.Link.Shared && Differs(w.Record, w.Link)).ToList();
        var doubtful = run.Mode == WriteMode.Verify ? work.Linked : [];
        foreach (var (record, link) in work.Linked.Except(changed).Except(doubtful))
            run.Outcomes[record.HubId] = NothingToWrite(run, record, link);

        var dead = await UpdateByIdAsync(run, changed, cancellationToken);
        dead.AddRange(await MissingAsync(run, doubtful, cancellationToken));
        var survivors = new List<(LinkedRecord Record, Link Link)>();
        foreach (var (record, link) in dead)
        {
            switch (await deadLinks.MendAsync(run, link, cancellationToken))
            {
                case Mended.Relinked when link.Shared || run.Mode == WriteMode.Verify:
                    run.Outcomes[record.HubId] = NothingToWrite(run, record, link);
                    break;
                case Mended.Relinked:
                    survivors.Add((record, link));
                    break;
                case Mended.Refused(var problem):
                    run.Outcomes[record.HubId] = new LinkedOutcome(record.HubId, null, LinkedResult.Rejected, problem);
                    break;
                case Mended.Gone when await DeadLinks.ForgetAsync(run, link, cancellationToken) > 0 && run.Mode == WriteMode.Write:
                    // Its parts went with it, and they are the caller's to make again.
                    run.Refuse(record, link, DeadLinks.GoneWithItsParts);
                    break;
                case Mended.Gone:
                    (link.ClaimedBy, link.ClaimedUntil) = (run.Scope.Owner, time.GetUtcNow() + LinkedWriter.Claim);
                    work.New.Add((record, link.Begin(record, time.GetUtcNow())));
                    break;
            }
        }

        foreach (var (record, link) in await UpdateByIdAsync(run, survivors, cancellationToken))
            run.Outcomes[record.HubId] = new LinkedOutcome(record.HubId, link.HubSpotId, LinkedResult.Rejected, DeadLinks.NotFound);
        await run.Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Looks which of the linked records HubSpot still has; returns the others. A call for each hundred.</summary>
    private async Task<IEnumerable<(LinkedRecord Record, Link Link)>> MissingAsync(
        WriteRun run, List<(LinkedRecord Record, Link Link)> doubtful, CancellationToken cancellationToken)
    {
        var there = (await reader.ReadAsync(run.Scope.SubscriptionId, run.ObjectType, null, [.. doubtful.Select(d => d.Link.HubSpotId!)], [run.KeyProperty], cancellationToken))
            .Select(r => r.Id).ToHashSet();
        foreach (var (record, link) in doubtful.Where(d => there.Contains(d.Link.HubSpotId)))
            run.Outcomes[record.HubId] = NothingToWrite(run, record, link);
        return doubtful.Where(d => !there.Contains(d.Link.HubSpotId));
    }

    /// <summary>Updates by id what differs; returns those that are not there.</summary>
    private async Task<List<(LinkedRecord Record, Link Link)>> UpdateByIdAsync(
        WriteRun run, List<(LinkedRecord Record, Link Link)> changed, CancellationToken cancellationToken)
    {
        var dead = new List<(LinkedRecord, Link)>();
        if (changed.Count == 0)
            return dead;
        await run.BeginAsync(changed, options.Value.SettleTime, cancellationToken);
        var written = await batches.UpdateAsync(run.Scope.SubscriptionId, run.ObjectType, run.KeyProperty,
            [.. changed.Select(c => run.WriteOf(c.Record, c.Link.HubSpotId))], cancellationToken);
        var moved = changed.Zip(written).Where(c => c.Second.Id is not null && c.First.Record.AssociationsHash() != c.First.Link.AssociationsHash).ToList();

        // First what is no more: an old id may stand for the record that it was merged into, which is associated next.
        await associations.RemoveAsync(run.Scope.SubscriptionId, run.ObjectType,
            [.. moved.SelectMany(c => Left(c.First.Record, c.First.Link).Select(to => (c.Second.Id!, to.Type, to.Id)))], cancellationToken);
        var refused = await associations.AddAsync(run.Scope.SubscriptionId, run.ObjectType,
            [.. moved.SelectMany(c => c.First.Record.Associations.Select(to => (c.Second.Id!, to)))], cancellationToken);
        foreach (var ((record, link), outcome) in changed.Zip(written))
        {
            run.End(link);
            if (outcome.Problem is { Kind: ProblemKind.NotFound })
                dead.Add((record, link));
            else if ((outcome.Problem ?? refused.GetValueOrDefault(outcome.Id!)) is { } problem)
                run.Outcomes[record.HubId] = new LinkedOutcome(record.HubId, link.HubSpotId, LinkedResult.Rejected, problem);
            else
                run.Keep(record, link, outcome.Id!, LinkedResult.Updated);
        }

        return dead;
    }

    /// <summary>The records that this one was associated with when it was written last, and is no more.</summary>
    private static IEnumerable<(string Type, string Id)> Left(LinkedRecord record, Link link) =>
        link.With().Except(record.With()).Select(to => to.Split('/')).Select(to => (to[0], to[1]));

    private static bool Differs(LinkedRecord record, Link link) =>
        record.ContentHash() != link.ContentHash || record.AssociationsHash() != link.AssociationsHash;

    private static LinkedOutcome NothingToWrite(WriteRun run, LinkedRecord record, Link link)
    {
        if (link.HubVersion == record.Version)
            return new LinkedOutcome(record.HubId, link.HubSpotId, LinkedResult.WrittenBefore);
        if (run.Mode == WriteMode.Write && record.Version > link.HubVersion)
            link.HubVersion = record.Version;
        return new LinkedOutcome(record.HubId, link.HubSpotId, LinkedResult.Unchanged);
    }
}
