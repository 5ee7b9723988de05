using HubSpotBus.Contracts.Connections;
using HubSpotBus.Hub.ActivityLog;
using HubSpotBus.Hub.BatchExecutions;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.Subscriptions;

/// <summary>Keeps the state of the connection with the subscription: nothing is planned unless it is connected.</summary>
public sealed class FollowConnectionConsumer(HubDb db, PlanningSignal planning, TimeProvider time)
    : IConsumer<ConnectionAuthorised>, IConsumer<SubscriptionConnected>, IConsumer<ConnectingFailed>, IConsumer<ConnectionPaused>,
        IConsumer<ConnectionResumed>
{
    public Task Consume(ConsumeContext<ConnectionAuthorised> context) => FollowAsync(context, context.Message.SubscriptionId, context.Message.Attempt, subscription =>
    {
        // What works goes on working while a token is replaced or the account is looked at again.
        if (subscription.Connection != ConnectionState.Connected)
            subscription.Connection = ConnectionState.Connecting;
        return "authorised; the account is being prepared";
    });

    public Task Consume(ConsumeContext<SubscriptionConnected> context) => FollowAsync(context, context.Message.SubscriptionId, context.Message.Attempt, async subscription =>
    {
        if (subscription.HubSpotAccountId is { } before && before != context.Message.HubSpotAccountId)
            await BeginAnewAsync(subscription.Id, context.CancellationToken);
        subscription.Connection = ConnectionState.Connected;
        subscription.Prepared = context.Message.Attempt;
        subscription.HubSpotAccountId = context.Message.HubSpotAccountId;
        subscription.Account = context.Message.Account;
        return $"connected to HubSpot account {context.Message.HubSpotAccountId}";
    });

    public Task Consume(ConsumeContext<ConnectingFailed> context) => FollowAsync(context, context.Message.SubscriptionId, context.Message.Attempt, subscription =>
    {
        subscription.Connection = ConnectionState.Failed;
        subscription.ConnectionReason = context.Message.Reason;
        return $"connecting failed: {context.Message.Reason}";
    });

    public Task Consume(ConsumeContext<ConnectionPaused> context) => FollowAsync(context, context.Message.SubscriptionId, context.Message.Attempt, subscription =>
    {
        subscription.Connection = ConnectionState.Paused;
        subscription.ConnectionReason = context.Message.Reason;
        subscription.PausedUntil = context.Message.Until;
        return $"paused: {context.Message.Reason}";
    });

    // Paused while it was being connected, it is no further than before: without adoption records would be made twice.
    public Task Consume(ConsumeContext<ConnectionResumed> context) => FollowAsync(context, context.Message.SubscriptionId, context.Message.Attempt, subscription =>
    {
        if (subscription.Connection == ConnectionState.Paused)
            subscription.Connection = subscription.IsPrepared ? ConnectionState.Connected : ConnectionState.Connecting;
        return "resumed";
    });

    // The subscription has moved: its new account has none of the records.
    private async Task BeginAnewAsync(Guid subscriptionId, CancellationToken cancellationToken)
    {
        foreach (var transfer in await db.Transfers.Where(t => t.SubscriptionId == subscriptionId).ToListAsync(cancellationToken))
            transfer.BeginAnew(time.GetUtcNow());
    }

    private Task FollowAsync(ConsumeContext context, Guid subscriptionId, int? attempt, Func<Subscription, string> follow) =>
        FollowAsync(context, subscriptionId, attempt, subscription => Task.FromResult(follow(subscription)));

    private async Task FollowAsync(ConsumeContext context, Guid subscriptionId, int? attempt, Func<Subscription, Task<string>> follow)
    {
        var subscription = await db.Subscriptions.SingleOrDefaultAsync(s => s.Id == subscriptionId, context.CancellationToken);
        if (subscription is null)
            return; // Another hub's, or gone.
        if (attempt < subscription.Authorised)
            return; // Of an earlier connect, and overtaken by what a later one told.
        subscription.Authorised = attempt ?? subscription.Authorised;
        subscription.ConnectionReason = null;
        subscription.PausedUntil = null;
        db.Log(subscription, time, await follow(subscription));
        planning.Set();
    }
}
