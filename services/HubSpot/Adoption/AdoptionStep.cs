using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpot.Errors;
using HubSpotBus.ServiceDefaults;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.HubSpot.Adoption;

/// <summary>What the adopting steps of the connecting saga share: keep what the account allows, list what it has, and say so.</summary>
public sealed class AdoptionStep(ExistingRecords existing)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Carries the order out; a listing that was cut short goes on later where it stopped.</summary>
    /// <param name="context">The order.</param>
    /// <param name="db">The service's store.</param>
    /// <param name="subscriptionId">The subscription.</param>
    /// <param name="attempt">Number of the connect.</param>
    /// <param name="keysNotUnique">Object types on which our key is not unique.</param>
    /// <param name="objectTypes">Object types of the service.</param>
    /// <param name="listed">Those of them whose records are listed.</param>
    public async Task RunAsync<TOrder>(
        ConsumeContext<TOrder> context, DbContext db, Guid subscriptionId, int attempt, IReadOnlyList<string> keysNotUnique,
        IReadOnlyList<string> objectTypes, IReadOnlyList<string> listed)
        where TOrder : class
    {
        using var lane = Lanes.Use(Lane.Backfill);
        foreach (var objectType in objectTypes)
            await ExistingRecords.LearnAsync(db, subscriptionId, objectType, !keysNotUnique.Contains(objectType), context.CancellationToken);
        var before = await ExistingRecords.PagesAsync(db, subscriptionId, context.CancellationToken);
        try
        {
            foreach (var objectType in listed)
                await existing.ListAsync(db, subscriptionId, objectType, context.CancellationToken);
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
                Transient = failure is HubSpotThrottledException or HubSpotUnavailableException,
            }, context.CancellationToken);
            return;
        }

        await context.Publish(
            new RecordsAdopted { SubscriptionId = subscriptionId, Attempt = attempt, Step = typeof(TOrder).Name }, context.CancellationToken);
    }
}
