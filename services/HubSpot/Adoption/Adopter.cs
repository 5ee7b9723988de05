using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Errors;
using HubSpotBus.HubSpot.Links;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.HubSpot.Adoption;

/// <summary>Ties new hub records to the HubSpot records that stand for them already, and puts our key on those.</summary>
public sealed class Adopter(BatchWriter batches, RecordReader reader, AssociationWriter associations)
{
    private const int Chunk = 500;

    /// <summary>Takes out of <paramref name="records"/> what HubSpot has: it is tied and written, shared, or refused as ambiguous.</summary>
    internal async Task AdoptAsync(WriteRun run, List<(LinkedRecord Record, Link Link)> records, CancellationToken cancellationToken)
    {
        if (records.Count == 0)
            return;
        var known = await KnownAsync(run, records, cancellationToken);
        if (known.Count == 0)
            return;

        // Several that may be the one, or another hub's: they are looked at again, since somebody may have sorted it out meanwhile.
        var unclear = records.Select(r => Matches(run, known, r.Record))
            .Where(m => m.Count > 1 || m.Exists(k => run.Scope.IsOfAnotherHub(k.Key))).SelectMany(m => m).Select(k => k.HubSpotId).Distinct().ToList();
        if (unclear.Count > 0)
            await RefreshAsync(run, known, unclear, cancellationToken);

        var found = new List<(LinkedRecord Record, Link Link, string Id)>();
        var taken = new HashSet<string>();
        foreach (var (record, link) in records.ToList())
        {
            var matches = Matches(run, known, record).Where(k => !taken.Contains(k.HubSpotId)).ToList();
            if (matches.Count == 0)
                continue;
            records.Remove((record, link));
            if (matches.Count > 1)
                run.Refuse(record, link, Ambiguous(run, record, matches));
            else if (!run.Scope.IsOfAnotherHub(matches[0].Key))
                found.Add((record, link, matches[0].HubSpotId));
            else
                ShareOrRefuse(run, record, link, matches[0].HubSpotId, matches[0].Key!);
            taken.UnionWith(matches.Count == 1 && !run.Scope.IsOfAnotherHub(matches[0].Key) ? [matches[0].HubSpotId] : []);
        }

        records.AddRange(await TieAsync(run, found, mayFollow: true, cancellationToken));
        await run.Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Records whose create HubSpot refused because another record has the value already.</summary>
    internal async Task AdoptConflictsAsync(
        WriteRun run, IReadOnlyList<(LinkedRecord Record, Link Link, HubSpotProblem Conflict)> conflicts, CancellationToken cancellationToken)
    {
        if (conflicts.Count == 0)
            return;
        var there = (await reader.ReadAsync(run.Scope.SubscriptionId, run.ObjectType, null,
            [.. conflicts.Select(c => c.Conflict.ExistingId!)], [run.KeyProperty], cancellationToken)).ToDictionary(r => r.Id!, r => r.Properties?.GetValueOrDefault(run.KeyProperty));
        var found = new List<(LinkedRecord, Link, string)>();
        foreach (var (record, link, conflict) in conflicts)
        {
            var id = conflict.ExistingId!;
            var isFree = there.TryGetValue(id, out var key) && (string.IsNullOrEmpty(key) || key == run.Scope.KeyOf(record.HubId));
            if (isFree && !found.Exists(f => f.Item3 == id))
                found.Add((record, link, id));
            else if (run.Scope.IsOfAnotherHub(key) && MayBeShared(run))
                ShareOrRefuse(run, record, link, id, key!);
            else
                run.Refuse(record, link, there.ContainsKey(id) ? conflict : conflict with { Category = "KEPT_BY_DELETED_RECORD" });
        }

        foreach (var (record, link) in await TieAsync(run, found, mayFollow: true, cancellationToken))
            run.Refuse(record, link, DeadLinks.NotFound);
        await run.Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Writes our key to the records found, and the hub's values where it is records that are to be written; returns those that are not there any more.</summary>
    private async Task<List<(LinkedRecord, Link)>> TieAsync(
        WriteRun run, List<(LinkedRecord Record, Link Link, string Id)> found, bool mayFollow, CancellationToken cancellationToken)
    {
        var gone = new List<(LinkedRecord, Link)>();
        var merged = new List<(LinkedRecord, Link, string)>();
        if (found.Count == 0)
            return gone;
        var written = await batches.UpdateAsync(run.Scope.SubscriptionId, run.ObjectType, run.KeyProperty,
            [.. found.Select(f => run.Mode == WriteMode.Write ? run.WriteOf(f.Record, f.Id) : KeyOnly(run, f.Record, f.Id))], cancellationToken);
        var refused = await associations.AddAsync(run.Scope.SubscriptionId, run.ObjectType,
            [.. found.Zip(written).Where(f => f.Second.Id is not null).SelectMany(f => f.First.Record.Associations.Select(to => (f.Second.Id!, to)))], cancellationToken);
        foreach (var ((record, link, id), outcome) in found.Zip(written))
        {
            if (outcome.Problem is { Kind: ProblemKind.NotFound })
            {
                if (!mayFollow || await FollowAsync(run, id, cancellationToken) is not { } survivor)
                    gone.Add((record, link));
                else if (run.Scope.IsOfAnotherHub(survivor.Key))
                    ShareOrRefuse(run, record, link, survivor.Id, survivor.Key!);
                else if ((survivor.Key is null || survivor.Key == run.Scope.KeyOf(record.HubId)) && !merged.Exists(m => m.Item3 == survivor.Id))
                    merged.Add((record, link, survivor.Id));
                else
                    run.Share(record, link, survivor.Id); // it stands for another of ours since it was merged
            }
            else if ((outcome.Problem ?? refused.GetValueOrDefault(id)) is { } problem)
            {
                run.Refuse(record, link, problem);
            }
            else
            {
                run.Keep(record, link, outcome.Id!, LinkedResult.Updated);
                if (run.Mode != WriteMode.Write)
                    (link.ContentHash, link.HubVersion) = (null, 0);
            }
        }

        gone.AddRange(await TieAsync(run, merged, mayFollow: false, cancellationToken));
        return gone;
    }

    private static RecordWrite KeyOnly(WriteRun run, LinkedRecord record, string id) =>
        new(run.Scope.KeyOf(record.HubId), new Dictionary<string, string>(), id);

    // Two hubs may mean the same contact, but never the same order.
    private static bool MayBeShared(WriteRun run) => run.ObjectType is ObjectTypes.Contacts or ObjectTypes.Companies or ObjectTypes.Products;

    private static void ShareOrRefuse(WriteRun run, LinkedRecord record, Link link, string id, string key)
    {
        if (run.Scope.Rules.RecordsOfOtherHubs == RecordsOfOtherHubs.Share)
            run.Share(record, link, id);
        else
            run.Refuse(record, link, OfAnotherHub(run, id, key));
    }

    /// <summary>What is known of the account under the values of these records, without what other records of ours are tied to.</summary>
    private static async Task<List<KnownRecord>> KnownAsync(
        WriteRun run, List<(LinkedRecord Record, Link Link)> records, CancellationToken cancellationToken)
    {
        var known = new List<KnownRecord>();
        foreach (var values in records.SelectMany(r => ValuesOf(run, r.Record)).Distinct().Chunk(Chunk))
        {
            known.AddRange(await run.Db.Set<KnownRecord>().AsNoTracking()
                .Where(k => k.SubscriptionId == run.Scope.SubscriptionId && k.ObjectType == run.ObjectType && values.Contains(k.Value))
                .ToListAsync(cancellationToken));
        }

        var tied = new HashSet<string>();
        foreach (var ids in known.Select(k => k.HubSpotId).Distinct().Chunk(Chunk))
            tied.UnionWith(await run.Links().Where(l => l.HubSpotId != null && ids.Contains(l.HubSpotId)).Select(l => l.HubSpotId!).ToListAsync(cancellationToken));
        return [.. known.Where(k => !tied.Contains(k.HubSpotId))];
    }

    /// <summary>The records that may be this one, by the strongest value that finds any.</summary>
    private static List<KnownRecord> Matches(WriteRun run, List<KnownRecord> known, LinkedRecord record)
    {
        var key = run.Scope.KeyOf(record.HubId);
        return ValuesOf(run, record)
            .Select(value => known.Where(k => k.Value == value && (k.Key is null || k.Key == key || run.Scope.IsOfAnotherHub(k.Key))).DistinctBy(k => k.HubSpotId).ToList())
            .FirstOrDefault(matches => matches.Count > 0) switch
            {
                null => [],
                [var first, ..] when first.Key == key => [first],
                var matches => matches,
            };
    }

    private static IEnumerable<string> ValuesOf(WriteRun run, LinkedRecord record) => Recognition.Wanted(
        run.ObjectType, record.Properties.ToDictionary(p => p.Key, string? (p) => p.Value),
        record.Associations.Where(a => a.ToObjectType == ObjectTypes.Companies).Select(a => a.ToId))
        .Prepend(Recognition.KeyValue(run.Scope.KeyOf(record.HubId)));

    private async Task RefreshAsync(WriteRun run, List<KnownRecord> known, List<string> ids, CancellationToken cancellationToken)
    {
        var there = (await reader.ReadAsync(run.Scope.SubscriptionId, run.ObjectType, null, ids, [run.KeyProperty], cancellationToken))
            .ToDictionary(r => r.Id!, r => r.Properties?.GetValueOrDefault(run.KeyProperty));
        foreach (var id in ids.Where(id => !there.ContainsKey(id)))
        {
            if (await FollowAsync(run, id, cancellationToken) is { } survivor)
            {
                there[survivor.Id] = survivor.Key;
                known.Where(k => k.HubSpotId == id).ToList().ForEach(k => k.HubSpotId = survivor.Id);
            }
            else
                known.RemoveAll(k => k.HubSpotId == id);
        }

        foreach (var k in known.Where(k => there.ContainsKey(k.HubSpotId)).ToList())
        {
            k.Key = there[k.HubSpotId] is { Length: > 0 } key ? key : null;
            if (k.Key is { } own)
            {
                known.Add(new KnownRecord
                {
                    SubscriptionId = k.SubscriptionId, ObjectType = k.ObjectType, HubSpotId = k.HubSpotId, Label = k.Label, Key = own, Value = Recognition.KeyValue(own),
                });
            }
        }
    }

    /// <summary>What a record that is not there any more was merged into, and its key; null when it was deleted. What is known of it goes along.</summary>
    private async Task<(string Id, string? Key)?> FollowAsync(WriteRun run, string hubSpotId, CancellationToken cancellationToken)
    {
        var known = run.Db.Set<KnownRecord>()
            .Where(k => k.SubscriptionId == run.Scope.SubscriptionId && k.ObjectType == run.ObjectType && k.HubSpotId == hubSpotId);
        if (await reader.SurvivorAsync(run.Scope.SubscriptionId, run.ObjectType, hubSpotId, run.KeyProperty, cancellationToken) is not { Id: { } id } survivor)
        {
            await known.ExecuteDeleteAsync(cancellationToken);
            return null;
        }

        var key = survivor.Properties?.GetValueOrDefault(run.KeyProperty) is { Length: > 0 } own ? own : null;
        await known.ExecuteUpdateAsync(set => set.SetProperty(k => k.HubSpotId, id).SetProperty(k => k.Key, key), cancellationToken);
        return (id, key);
    }

    private static HubSpotProblem Ambiguous(WriteRun run, LinkedRecord record, List<KnownRecord> matches) => new()
    {
        Kind = ProblemKind.Ambiguous,
        Message = $"HubSpot has {matches.Count} {run.ObjectType} that may be this one: {string.Join(", ", matches.Select(k => $"{k.HubSpotId} ({k.Label})"))}. "
            + $"Merge them in HubSpot, or give the right one {run.KeyProperty} = \"{run.Scope.KeyOf(record.HubId)}\", then retry.",
        Property = run.KeyProperty,
    };

    private static HubSpotProblem OfAnotherHub(WriteRun run, string id, string key) => new()
    {
        Kind = ProblemKind.Conflict,
        Message = "The record belongs to another hub.",
        Category = "OF_ANOTHER_HUB",
        Property = run.KeyProperty,
        Value = key,
        ExistingId = id,
    };
}
