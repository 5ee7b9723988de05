using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpot.Errors;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.ServiceDefaults;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.HubSpot.Adoption;

/// <summary>What the adopting steps of the connecting saga share: keep what the account allows, list what it has, and say so.</summary>
public sealed class AdoptionStep(ExistingRecords existing, TimeProvider time)
{
    // Far within what a broker allows one message, and not more pages than fit into memory.
    private static readonly TimeSpan Stretch = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Carries the order out; a listing that was cut short goes on later where it stopped.</summary>
    /// <param name="context">The order.</param>
    /// <param name="db">The service's store.</param>
    /// <param name="subscriptionId">The subscription.</param>
    /// <param name="attempt">Number of the connect.</param>
    /// <param name="linksSince">The connect that moved the subscription to its account; what was linked before is forgotten.</param>
    /// <param name="keysNotUnique">Object types on which our key is not unique.</param>
    /// <param name="objectTypes">Object types of the service.</param>
    /// <param name="listed">Those of them whose records are listed.</param>
    /// <param name="forgetMore">Deletes what the service keeps of an account besides links.</param>
    public async Task RunAsync<TOrder>(
        ConsumeContext<TOrder> context, DbContext db, Guid subscriptionId, int attempt, int linksSince, IReadOnlyList<string> keysNotUnique,
        IReadOnlyList<string> objectTypes, IReadOnlyList<string> listed, Func<CancellationToken, Task>? forgetMore = null)
        where TOrder : class
    {
        using var calls = CallScope.Backfill();
        await ForgetOtherAccountAsync(db, subscriptionId, linksSince, forgetMore, context.CancellationToken);
        foreach (var objectType in objectTypes)
            await ExistingRecords.LearnAsync(db, subscriptionId, objectType, !keysNotUnique.Contains(objectType), context.CancellationToken);
        var before = await ExistingRecords.PagesAsync(db, subscriptionId, context.CancellationToken);
        try
        {
            var until = time.GetUtcNow() + Stretch;
            var again = await ExistingRecords.ToBeListedAgainAsync(db, subscriptionId, context.CancellationToken);
            foreach (var objectType in listed.Union(again))
            {
                if (await existing.ListAsync(db, subscriptionId, objectType, until, context.CancellationToken))
                    continue;
                await context.SendOrder(context.Message);
                return;
            }
        }
        catch (HubSpotException failure)
        {
            // As long as pages come, it is no failure: an account may have many thousands of them.
            if (failure.MayBeTriedAgain && await ExistingRecords.PagesAsync(db, subscriptionId, context.CancellationToken) > before)
            {
                await context.SendOrder(context.Message, delay: failure.RetryAfter ?? Pause);
                return;
            }

            await context.Publish(new ConnectingStepFailed
            {
                SubscriptionId = subscriptionId,
                Attempt = attempt,
                Step = typeof(TOrder).Name,
                Reason = $"The records that HubSpot has already could not be listed. {failure.Message}",
                Transient = failure.PassesByItself,
            }, context.CancellationToken);
            return;
        }

        await context.Publish(
            new RecordsAdopted { SubscriptionId = subscriptionId, Attempt = attempt, Step = typeof(TOrder).Name }, context.CancellationToken);
    }

    // Ids of the account before mean other records here, or none. Deleting twice does no harm; the mark comes last.
    private static async Task ForgetOtherAccountAsync(
        DbContext db, Guid subscriptionId, int linksSince, Func<CancellationToken, Task>? forgetMore, CancellationToken cancellationToken)
    {
        var account = await db.Set<KnownAccount>().SingleOrDefaultAsync(a => a.SubscriptionId == subscriptionId, cancellationToken)
            ?? db.Add(new KnownAccount { SubscriptionId = subscriptionId }).Entity;
        if (linksSince > account.LinksSince)
        {
            await db.Set<Link>().Where(l => l.SubscriptionId == subscriptionId).ExecuteDeleteAsync(cancellationToken);
            await db.Set<KnownRecord>().Where(k => k.SubscriptionId == subscriptionId).ExecuteDeleteAsync(cancellationToken);
            await db.Set<KnownObjectType>().Where(t => t.SubscriptionId == subscriptionId).ExecuteDeleteAsync(cancellationToken);
            await (forgetMore?.Invoke(cancellationToken) ?? Task.CompletedTask);
            account.LinksSince = linksSince;
        }

        await db.SaveChangesAsync(cancellationToken);
    }
}
