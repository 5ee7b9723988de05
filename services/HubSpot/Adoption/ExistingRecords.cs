using System.Globalization;
using HubSpotBus.HubSpot.Crm;
using HubSpotBus.HubSpot.Errors;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.HubSpot.Adoption;

/// <summary>
/// Knows the records that an account already has: lists them in pages once, and goes on from there when asked again. A listing shows
/// what was written a moment ago, as a search does not.
/// </summary>
public sealed class ExistingRecords(IHubSpotApi api, TimeProvider time)
{
    private const int PageSize = 100;

    /// <summary>
    /// Lists what is not known yet, a call for each hundred records; every page is kept, so that a listing cut short goes on. False when the
    /// time was over before the listing.
    /// </summary>
    /// <exception cref="HubSpotException">HubSpot was out of reach; the pages read before are kept.</exception>
    public async Task<bool> ListAsync(DbContext db, Guid subscriptionId, string objectType, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var type = await TypeAsync(db, subscriptionId, objectType, cancellationToken);
        var properties = string.Join(',', Recognition.PropertiesOf(objectType).Append(KeyProperties.Of(objectType)));
        var associations = objectType == ObjectTypes.Contacts ? ObjectTypes.Companies : null;
        while (true)
        {
            var answer = await HubSpotAnswers.CallAsync(
                () => api.ListAsync(subscriptionId, objectType, PageSize, type.ListFrom, properties, associations, cancellationToken), cancellationToken);
            var page = answer.ContentOrThrow();
            var next = page.Paging?.Next?.After;
            type.ListFrom = next ?? After(page.Results) ?? type.ListFrom;
            type.Pages++;
            type.ListAgain &= next is not null;
            await KeepAsync(db, type, page.Results ?? [], cancellationToken);
            if (next is null)
                return true;
            if (time.GetUtcNow() > until)
                return false;
        }
    }

    /// <summary>Pages listed so far, of all object types of the store.</summary>
    internal static Task<int> PagesAsync(DbContext db, Guid subscriptionId, CancellationToken cancellationToken) =>
        db.Set<KnownObjectType>().Where(t => t.SubscriptionId == subscriptionId).SumAsync(t => t.Pages, cancellationToken);

    /// <summary>Object types that have to be listed once more.</summary>
    internal static Task<List<string>> ToBeListedAgainAsync(DbContext db, Guid subscriptionId, CancellationToken cancellationToken) =>
        db.Set<KnownObjectType>().Where(t => t.SubscriptionId == subscriptionId && t.ListAgain).Select(t => t.ObjectType).ToListAsync(cancellationToken);

    /// <summary>Whether the type has to be listed once more before anything of it is created.</summary>
    internal static Task<bool> IsToBeListedAgainAsync(DbContext db, Guid subscriptionId, string objectType, CancellationToken cancellationToken) =>
        db.Set<KnownObjectType>().AnyAsync(t => t.SubscriptionId == subscriptionId && t.ObjectType == objectType && t.ListAgain, cancellationToken);

    /// <summary>False when the account refused to keep our key property of the type unique.</summary>
    public static Task<bool> KeyIsUniqueAsync(DbContext db, Guid subscriptionId, string objectType, CancellationToken cancellationToken) =>
        db.Set<KnownObjectType>().AllAsync(t => t.SubscriptionId != subscriptionId || t.ObjectType != objectType || t.KeyIsUnique, cancellationToken);

    /// <summary>The HubSpot ids of those listed so far that carry one of these keys.</summary>
    internal static async Task<IReadOnlyList<string>> WithKeysAsync(
        DbContext db, Guid subscriptionId, string objectType, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var values = keys.Select(Recognition.KeyValue).ToList();
        return await db.Set<KnownRecord>()
            .Where(k => k.SubscriptionId == subscriptionId && k.ObjectType == objectType && values.Contains(k.Value))
            .Select(k => k.HubSpotId).Distinct().ToListAsync(cancellationToken);
    }

    /// <summary>Keeps what the account allows of an object type.</summary>
    public static async Task LearnAsync(DbContext db, Guid subscriptionId, string objectType, bool keyIsUnique, CancellationToken cancellationToken)
    {
        (await TypeAsync(db, subscriptionId, objectType, cancellationToken)).KeyIsUnique = keyIsUnique;
        await db.SaveChangesAsync(cancellationToken);
    }

    private static async Task<KnownObjectType> TypeAsync(DbContext db, Guid subscriptionId, string objectType, CancellationToken cancellationToken) =>
        await db.Set<KnownObjectType>().SingleOrDefaultAsync(t => t.SubscriptionId == subscriptionId && t.ObjectType == objectType, cancellationToken)
            ?? db.Add(new KnownObjectType { SubscriptionId = subscriptionId, ObjectType = objectType }).Entity;

    private static async Task KeepAsync(DbContext db, KnownObjectType type, IReadOnlyList<CrmRecord> page, CancellationToken cancellationToken)
    {
        // Listed again from the same place, a page replaces what was known of its records: in one commit, so that nobody who looks meanwhile
        // misses one and makes it again.
        var ids = page.Select(r => r.Id).ToList();
        var before = await db.Set<KnownRecord>()
            .Where(k => k.SubscriptionId == type.SubscriptionId && k.ObjectType == type.ObjectType && ids.Contains(k.HubSpotId)).ToListAsync(cancellationToken);
        var now = page.Where(r => r.Id is not null).SelectMany(r => RowsOf(type, r)).ToList();
        db.RemoveRange(before.ExceptBy(now.Select(Said), Said));
        db.AddRange(now.ExceptBy(before.Select(Said), Said));
        await db.SaveChangesAsync(cancellationToken);

        static (string, string, string?, string?) Said(KnownRecord known) => (known.HubSpotId, known.Value, known.Key, known.Label);
    }

    private static IEnumerable<KnownRecord> RowsOf(KnownObjectType type, CrmRecord record)
    {
        var properties = record.Properties ?? new Dictionary<string, string?>();
        var key = properties.GetValueOrDefault(KeyProperties.Of(type.ObjectType)) is { Length: > 0 } own ? own : null;
        var companies = record.Associations?.GetValueOrDefault(ObjectTypes.Companies)?.Results?.Select(c => c.Id).OfType<string>().Distinct() ?? [];
        var values = Recognition.Known(type.ObjectType, properties, companies);
        return (key is null ? values : values.Append(Recognition.KeyValue(key))).Distinct().Select(value => new KnownRecord
        {
            SubscriptionId = type.SubscriptionId,
            ObjectType = type.ObjectType,
            HubSpotId = record.Id!,
            Value = value,
            Key = key,
            Label = Recognition.LabelOf(properties),
        });
    }

    // The next record that somebody makes has a higher id.
    private static string? After(IReadOnlyList<CrmRecord>? page) => page?
        .Select(r => long.TryParse(r.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id + 1 : 0).DefaultIfEmpty().Max() is > 0 and var after
        ? after.ToString(CultureInfo.InvariantCulture)
        : null;
}
