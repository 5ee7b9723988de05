using HubSpotBus.Contracts.Connections;
using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.ActivityLog;
using HubSpotBus.Hub.BatchExecutions;
using HubSpotBus.Hub.HubSpotApp;
using HubSpotBus.Hub.Pages;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Hub.Subscriptions;

/// <summary>How to begin connecting. The body may be left out.</summary>
public sealed record ConnectRequest
{
    /// <summary>
    /// Number of the HubSpot account that a subscription which was connected before may move to, with all its records. It has to be
    /// disconnected first.
    /// </summary>
    public long? OtherAccount { get; init; }
}

/// <summary>The hub's page on which somebody who signs in goes on to HubSpot and approves.</summary>
public sealed record ConnectLink(Uri AuthorizeUrl);

/// <summary>
/// Begins connecting by OAuth, in the browser of somebody who is signed in: what begins in their session ends there or nowhere. A caller with a
/// key has no browser, and is told which page to open.
/// </summary>
internal sealed class BeginConnecting(
    HubDb db, Outbox<HubDb> outbox, AuthClient auth, IOptions<HubOptions> hub, IOptions<ConnectOptions> connect, TimeProvider time)
{
    public static async Task<IResult> LinkAsync(Guid subscriptionId, HttpRequest request, HubDb db, BeginConnecting begin, CancellationToken cancellationToken)
    {
        var errors = new Errors();
        var wanted = await JsonBody.ReadOptionalAsync<ConnectRequest>(request, errors);
        errors.Check(wanted?.OtherAccount is null or > 0, "otherAccount", "number of a HubSpot account");
        if (errors.Any)
            return Refusals.Fields(errors);
        var subscription = await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, cancellationToken);
        return await begin.RefusalAsync(subscription, request, wanted?.OtherAccount, cancellationToken) is { } refusal
            ? refusal
            : Results.Ok(new ConnectLink(new Uri(begin.Root(request), ConnectPage.PathOf(subscriptionId, wanted?.OtherAccount))));
    }

    /// <summary>Where the browser with this session goes on.</summary>
    public async Task<(Uri? Link, ProblemHttpResult? Refusal)> BeginAsync(
        Subscription subscription, HttpRequest request, long? otherAccount, SignedIn session, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(subscription, request, otherAccount, cancellationToken) is { } refusal)
            return (null, refusal);
        await MarkBegunAsync(subscription, otherAccount, cancellationToken);
        var ticket = new ConnectTicket(subscription.Id, session.SecretHash, otherAccount).Sign(connect.Value.ServiceKey!.Reveal(), time.GetUtcNow());
        return (new Uri(Root(request), $"/oauth/begin?ticket={Uri.EscapeDataString(ticket)}"), null);
    }

    // As the row is at this moment: what Auth told since it was read counts for more. The settings are told again, to services of a version that
    // knows more of them than the one that heard them first.
    public async Task MarkBegunAsync(Subscription subscription, long? otherAccount, CancellationToken cancellationToken)
    {
        await db.Subscriptions
            .Where(s => s.Id == subscription.Id && (s.Connection == ConnectionState.NotConnected || s.Connection == ConnectionState.Failed))
            .ExecuteUpdateAsync(
                s => s.SetProperty(x => x.Connection, ConnectionState.Connecting).SetProperty(x => x.ConnectionReason, (string?)null), cancellationToken);
        db.Log(subscription, time, otherAccount is null ? "connecting begun" : $"connecting begun; may move to HubSpot account {otherAccount}");
        await outbox.PublishAsync(subscription.Saved(), cancellationToken: cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
    }

    // A batch that is under way carries ids of the account it was begun for.
    public async Task<ProblemHttpResult?> MoveRefusalAsync(Subscription subscription, long? otherAccount, CancellationToken cancellationToken)
    {
        if (otherAccount is null || subscription.HubSpotAccountId is null || subscription.HubSpotAccountId == otherAccount)
            return null;
        if (subscription.Connection is ConnectionState.Connected or ConnectionState.Connecting)
            return TypedResults.Problem("Disconnect the subscription before it moves to another HubSpot account.", statusCode: 409);
        return await db.BatchExecutions.AnyAsync(b => b.SubscriptionId == subscription.Id && b.State != BatchState.Done, cancellationToken)
            ? TypedResults.Problem("Batch executions of the subscription are still under way. Wait until they have ended.", statusCode: 409)
            : null;
    }

    private async Task<ProblemHttpResult?> RefusalAsync(Subscription subscription, HttpRequest request, long? otherAccount, CancellationToken cancellationToken)
    {
        if (await MoveRefusalAsync(subscription, otherAccount, cancellationToken) is { } refusal)
            return refusal;
        return await HubSpotAppEndpoints.ReadAsync(auth, hub.Value, request, cancellationToken) is { Source: "None" }
            ? TypedResults.Problem(
                $"This installation has no HubSpot app yet. Set one up at {new Uri(Root(request), "/hubspot-app")}, or connect with a static token (PUT …/connection/token).",
                statusCode: 409)
            : null;
    }

    private Uri Root(HttpRequest request) => hub.Value.RootOf(request);
}
