using HubSpotBus.Contracts.Mappings;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Links;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Customers.Pushing;

/// <summary>
/// Finds the contacts of guests by e-mail and makes those that are missing. A contact that HubSpot has stays as it is, and none gets our
/// key: it is not the guest's alone, and may become a customer's later. No call for guests that are linked.
/// </summary>
public sealed partial class GuestWriter(CustomerDb db, BatchWriter batches, RecordReader reader, TimeProvider time, ILogger<GuestWriter> log)
{
    private const string Email = "email";

    /// <param name="subscriptionId">The subscription.</param>
    /// <param name="guests">The guests.</param>
    /// <param name="verify">True when a contact may be gone: all are looked for again.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<LinkedOutcome>> EnsureAsync(
        Guid subscriptionId, IReadOnlyList<MappedCustomer> guests, bool verify, CancellationToken cancellationToken)
    {
        if (guests.Count == 0)
            return [];
        if (verify)
            await ForgetAsync(subscriptionId, guests, cancellationToken);
        var known = await LinksAsync(subscriptionId, guests, cancellationToken);
        var unknown = guests.Where(g => !known.ContainsKey(g.Id)).ToList();
        var found = await FindAsync(subscriptionId, unknown, cancellationToken);
        var made = await MakeAsync(subscriptionId, [.. unknown.Where(g => !found.ContainsKey(g.Id))], cancellationToken);
        var outcomes = guests.Select(g => known.TryGetValue(g.Id, out var linked) ? new LinkedOutcome(g.Id, linked, LinkedResult.Unchanged)
            : found.TryGetValue(g.Id, out var there) ? new LinkedOutcome(g.Id, there, LinkedResult.Unchanged)
            : made[g.Id]).ToList();
        await KeepAsync(subscriptionId, [.. outcomes.Where(o => o.HubSpotId is not null && !known.ContainsKey(o.HubId))], cancellationToken);
        foreach (var (guest, outcome) in guests.Zip(outcomes))
            Ensured(log, guest.Id, outcome.Result, outcome.HubSpotId, guest.TrackingId);
        return outcomes;
    }

    private async Task<Dictionary<string, string>> FindAsync(Guid subscriptionId, List<MappedCustomer> guests, CancellationToken cancellationToken)
    {
        var contacts = await reader.ReadAsync(
            subscriptionId, ObjectTypes.Contacts, Email, [.. guests.Select(g => g.Properties[Email])], [Email], cancellationToken);
        var idOf = contacts.Where(c => c.Properties?.GetValueOrDefault(Email) is not null)
            .GroupBy(c => c.Properties![Email]!, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First().Id!, StringComparer.OrdinalIgnoreCase);
        return guests.Where(g => idOf.ContainsKey(g.Properties[Email])).ToDictionary(g => g.Id, g => idOf[g.Properties[Email]]);
    }

    // Keyed by e-mail, so that a create whose answer got lost is repeated as an upsert by it. One that another batch made meanwhile, or
    // that has the address as a second one, is named by the refusal.
    private async Task<Dictionary<string, LinkedOutcome>> MakeAsync(Guid subscriptionId, List<MappedCustomer> guests, CancellationToken cancellationToken)
    {
        var written = await batches.CreateAsync(
            subscriptionId, ObjectTypes.Contacts, Email, keyIsUnique: true, [.. guests.Select(g => new RecordWrite(g.Properties[Email], g.Properties))], cancellationToken);
        return guests.Zip(written).ToDictionary(w => w.First.Id, w => w.Second switch
        {
            { Id: { } id } => new LinkedOutcome(w.First.Id, id, LinkedResult.Created),
            { Problem.ExistingId: { } existing } => new LinkedOutcome(w.First.Id, existing, LinkedResult.Unchanged),
            var refused => new LinkedOutcome(w.First.Id, null, LinkedResult.Rejected, refused.Problem),
        });
    }

    private Task<Dictionary<string, string>> LinksAsync(Guid subscriptionId, IReadOnlyList<MappedCustomer> guests, CancellationToken cancellationToken)
    {
        var ids = guests.Select(g => g.Id).ToList();
        return db.Links.AsNoTracking()
            .Where(l => l.SubscriptionId == subscriptionId && l.ObjectType == ObjectTypes.Contacts && l.HubSpotId != null && ids.Contains(l.HubId))
            .ToDictionaryAsync(l => l.HubId, l => l.HubSpotId!, cancellationToken);
    }

    private async Task ForgetAsync(Guid subscriptionId, IReadOnlyList<MappedCustomer> guests, CancellationToken cancellationToken)
    {
        var ids = guests.Select(g => g.Id).ToList();
        await db.Links.Where(l => l.SubscriptionId == subscriptionId && l.ObjectType == ObjectTypes.Contacts && ids.Contains(l.HubId))
            .ExecuteDeleteAsync(cancellationToken);
    }

    private async Task KeepAsync(Guid subscriptionId, List<LinkedOutcome> ensured, CancellationToken cancellationToken)
    {
        var links = ensured.ConvertAll(o => new Link
        {
            SubscriptionId = subscriptionId, ObjectType = ObjectTypes.Contacts, HubId = o.HubId, HubSpotId = o.HubSpotId, WrittenAt = time.GetUtcNow(),
        });
        db.Links.AddRange(links);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Another batch linked one of them meanwhile, to the same contact. What is not linked now is found again next time.
            foreach (var link in links)
                db.Entry(link).State = EntityState.Detached;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Guest {GuestId}: {Result}, {HubSpotId} in HubSpot, tracking id {TrackingId}")]
    private static partial void Ensured(ILogger log, string guestId, LinkedResult result, string? hubSpotId, string trackingId);
}
