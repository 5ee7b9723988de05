using System.Security.Cryptography;
using System.Text;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Hub.BatchExecutions;
using HubSpotBus.Hub.Subscriptions;
using HubSpotBus.Hub.Transfers;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.Records;

/// <summary>What saving did with one record. <see cref="SkuTakenBy"/> names the product that has one of its SKUs already.</summary>
internal sealed record SavedRecord(string Id, long Version, bool Changed, string? SkuTakenBy = null);

/// <summary>
/// Saves records by the caller's own ids, and in the same commit makes what changed pending for each subscription that it flows to.
/// A record that is as it was gets no new version and no transfer.
/// </summary>
internal sealed partial class RecordSaver(IServiceScopeFactory scopes, PlanningSignal planning, TimeProvider time, ILogger<RecordSaver> log)
{
    private const int MaxAttempts = 10;

    /// <param name="companyId">The tenant.</param>
    /// <param name="kind">Data type.</param>
    /// <param name="records">Records with distinct ids.</param>
    /// <param name="trackingId">Follows the records through all services.</param>
    /// <param name="bulk">Whether they are bulk work that gives way to live changes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<SavedRecord>> SaveAsync(
        Guid companyId, RecordKind kind, IReadOnlyList<IncomingRecord> records, string trackingId, bool bulk, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<HubDb>();
            var saved = await SaveOnceAsync(db, companyId, kind, records, trackingId, bulk, cancellationToken);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateException) when (attempt < MaxAttempts)
            {
                continue;   // Somebody else, or the planner, changed one of them meanwhile.
            }

            planning.Set();
            foreach (var record in saved.Where(r => r.Changed))
                Saved(log, kind.DataType, record.Id, record.Version, trackingId);
            return saved;
        }
    }

    private async Task<IReadOnlyList<SavedRecord>> SaveOnceAsync(
        HubDb db, Guid companyId, RecordKind kind, IReadOnlyList<IncomingRecord> records, string trackingId, bool bulk, CancellationToken cancellationToken)
    {
        var ids = records.Select(r => r.Id).ToList();
        var known = await db.Records.Where(r => r.CompanyId == companyId && r.DataType == kind.DataType && ids.Contains(r.RecordId))
            .ToDictionaryAsync(r => r.RecordId, cancellationToken);
        var takenSkus = await TakenSkusAsync(db, companyId, records, cancellationToken);
        var now = time.GetUtcNow();
        var changed = new List<(IncomingRecord Incoming, HubRecord Record)>();
        var saved = new List<SavedRecord>();
        foreach (var incoming in records)
        {
            if (incoming.Skus.Select(s => takenSkus.GetValueOrDefault(s)).FirstOrDefault(owner => owner is not null && owner != incoming.Id) is { } taken)
            {
                saved.Add(new SavedRecord(incoming.Id, 0, Changed: false, SkuTakenBy: taken));
                continue;
            }

            var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(incoming.Json)));
            if (known.TryGetValue(incoming.Id, out var record) && record.Hash == hash)
            {
                saved.Add(new SavedRecord(incoming.Id, record.RecordVersion, Changed: false));
                continue;
            }

            record ??= db.Records.Add(new HubRecord
            {
                CompanyId = companyId, DataType = kind.DataType, RecordId = incoming.Id, Hash = hash, Json = "", TrackingId = trackingId,
            }).Entity;
            record.RecordVersion++;
            record.Hash = hash;
            record.Json = incoming.Json;
            record.TrackingId = trackingId;
            record.ChangedAt = now;
            changed.Add((incoming, record));
            saved.Add(new SavedRecord(incoming.Id, record.RecordVersion, Changed: true));
            foreach (var sku in incoming.Skus)
                takenSkus.TryAdd(sku, incoming.Id);
        }

        if (kind.DataType == DataType.Product)
            await KeepSkusAsync(db, companyId, changed, cancellationToken);
        await MakePendingAsync(db, companyId, kind.DataType, changed, bulk, cancellationToken);
        return saved;
    }

    private static async Task<Dictionary<string, string>> TakenSkusAsync(
        HubDb db, Guid companyId, IReadOnlyList<IncomingRecord> records, CancellationToken cancellationToken)
    {
        var skus = records.SelectMany(r => r.Skus).ToList();
        return await db.Skus.Where(s => s.CompanyId == companyId && skus.Contains(s.Value)).ToDictionaryAsync(s => s.Value, s => s.ProductId, cancellationToken);
    }

    private static async Task KeepSkusAsync(
        HubDb db, Guid companyId, List<(IncomingRecord Incoming, HubRecord Record)> changed, CancellationToken cancellationToken)
    {
        var ids = changed.ConvertAll(c => c.Incoming.Id);
        var before = await db.Skus.Where(s => s.CompanyId == companyId && ids.Contains(s.ProductId)).ToListAsync(cancellationToken);
        var now = changed.SelectMany(c => c.Incoming.Skus.Select(sku => (sku, c.Incoming.Id))).ToDictionary();
        db.Skus.RemoveRange(before.Where(s => !now.ContainsKey(s.Value)));
        var kept = before.Select(s => s.Value).ToHashSet();
        db.Skus.AddRange(now.Where(n => !kept.Contains(n.Key)).Select(n => new Sku { CompanyId = companyId, Value = n.Key, ProductId = n.Value }));
    }

    private async Task MakePendingAsync(
        HubDb db, Guid companyId, DataType dataType, List<(IncomingRecord Incoming, HubRecord Record)> changed, bool bulk, CancellationToken cancellationToken)
    {
        if (changed.Count == 0)
            return;
        var ids = changed.ConvertAll(c => c.Incoming.Id);
        foreach (var subscription in await db.Subscriptions.Where(s => s.CompanyId == companyId).ToListAsync(cancellationToken))
        {
            await ReleaseAsync(db, subscription, dataType, changed, cancellationToken);
            if (!subscription.Flows(dataType))
                continue;
            var transfers = await db.Transfers.Where(t => t.SubscriptionId == subscription.Id && t.DataType == dataType && ids.Contains(t.RecordId))
                .ToDictionaryAsync(t => t.RecordId, cancellationToken);
            foreach (var (incoming, record) in changed)
            {
                if (!transfers.TryGetValue(incoming.Id, out var transfer))
                {
                    transfer = db.Transfers.Add(new Transfer
                    {
                        Id = NewId.NextGuid(), SubscriptionId = subscription.Id, DataType = dataType, RecordId = incoming.Id, Backfill = bulk,
                    }).Entity;
                }

                transfer.Want(record, incoming, bulk, System.Diagnostics.Activity.Current?.Id, time.GetUtcNow());
            }
        }
    }

    /// <summary>What was parked because one of these records was missing may go now.</summary>
    private async Task ReleaseAsync(
        HubDb db, Subscription subscription, DataType dataType, List<(IncomingRecord Incoming, HubRecord Record)> changed, CancellationToken cancellationToken)
    {
        var keys = changed.ConvertAll(c => References.To(dataType, c.Incoming.Id));
        var blocked = await db.Transfers
            .Where(t => t.SubscriptionId == subscription.Id && t.State == TransferState.Parked && t.BlockedBy != null && keys.Contains(t.BlockedBy))
            .ToListAsync(cancellationToken);
        foreach (var transfer in blocked)
            transfer.Release(time.GetUtcNow());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{DataType} {RecordId} saved as version {RecordVersion}, tracking id {TrackingId}")]
    private static partial void Saved(ILogger log, DataType dataType, string recordId, long recordVersion, string trackingId);
}
