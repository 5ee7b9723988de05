using System.ComponentModel.DataAnnotations;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.ActivityLog;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.Subscriptions;

/// <summary>Where Auth is, and the internal service key, which also signs the ticket that an operator takes there.</summary>
public sealed class ConnectOptions
{
    public const string Section = "Egress";

    [Required]
    public Uri? BaseAddress { get; set; }

    [Required]
    public Secret? ServiceKey { get; set; }
}

/// <summary>The state of a connection: notConnected, connecting, connected, paused or failed. Grant is what Auth keeps; null when it cannot be asked.</summary>
public sealed record ConnectionView(
    string State, string? Reason, DateTimeOffset? PausedUntil, long? HubSpotAccountId, AccountAbilities? Account, GrantView? Grant = null);

/// <summary>The grant or static token behind a connection; of the token no more than its last four characters.</summary>
public sealed record GrantView
{
    /// <summary>Connected, Moving, Misconfigured, Revoked or Disconnected.</summary>
    public required string State { get; init; }

    /// <summary>Why it is not connected, and what to do.</summary>
    public string? Reason { get; init; }

    /// <summary>How far connecting has come.</summary>
    public string? Connecting { get; init; }

    /// <summary>What connecting met last.</summary>
    public string? ConnectingReason { get; init; }

    public long? HubSpotAccountId { get; init; }

    /// <summary>True for a static token, false for OAuth.</summary>
    public bool IsStatic { get; init; }

    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Scopes that are asked for and were not granted.</summary>
    public IReadOnlyList<string> MissingScopes { get; init; } = [];

    /// <summary>Its last four characters.</summary>
    public string? Token { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? LastRefreshAt { get; init; }

    /// <summary>A grant of before is over here, and HubSpot has not taken it back yet; it is tried again.</summary>
    public bool ToBeRevoked { get; init; }
}

/// <summary>Calls to HubSpot of a subscription: those within its window, and those that wait or are under way now.</summary>
public sealed record MeterView
{
    /// <summary>Calls made within the window, those for tokens and repetitions included.</summary>
    public required int Calls { get; init; }

    /// <summary>Calls that HubSpot refused with 429 within the window.</summary>
    public required int RefusedByHubSpot { get; init; }

    /// <summary>Calls that found no room in time, within the window; their steps are postponed.</summary>
    public required int Throttled { get; init; }

    /// <summary>Calls made again within the window.</summary>
    public required int Retries { get; init; }

    public required int Waiting { get; init; }

    public required double OldestWaitingSeconds { get; init; }

    /// <summary>Calls under way at this moment.</summary>
    public required int InFlight { get; init; }

    /// <summary>Permits of the window that are used or in a replica's hand: a little more than the calls.</summary>
    public required int Used { get; init; }

    /// <summary>The same by lane (live, retry, backfill, token) and kind of call.</summary>
    public required IReadOnlyList<CallCountView> Counts { get; init; }
}

/// <summary>Calls of one lane and kind, such as "contacts batch read".</summary>
public sealed record CallCountView(
    string Lane, string Kind, int Calls, int RefusedByHubSpot, int Throttled, int Retries, int Waiting, int InFlight);

/// <summary>A static token: a service key, or the token of a private app.</summary>
public sealed record TokenRequest
{
    public required string Token { get; init; }

    /// <summary>As in <see cref="ConnectRequest"/>.</summary>
    public long? OtherAccount { get; init; }
}

/// <summary>Begin connecting, see how it stands, disconnect.</summary>
internal static class ConnectionEndpoints
{
    public static void MapConnection(this RouteGroupBuilder subscription)
    {
        subscription.MapPost("/connection", BeginConnecting.LinkAsync).Accepts<ConnectRequest>("application/json").Produces<ConnectLink>().ProducesProblem(409);
        subscription.MapPut("/connection/token", TokenAsync)
            .Accepts<TokenRequest>("application/json").Produces(204).ProducesProblem(409).ProducesValidationProblem();
        subscription.MapDelete("/connection", DisconnectAsync).Produces(204).ProducesProblem(503);
        subscription.MapPost("/connection/probe", ProbeAsync).Produces<ConnectionView>(202).ProducesProblem(409);
        subscription.MapGet("/connection", async (Guid subscriptionId, HubDb db, AuthClient auth, CancellationToken cancellationToken) =>
            Show(await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, cancellationToken))
                with { Grant = await auth.ReadAsync<GrantView>(InAuth(subscriptionId), cancellationToken) });
        subscription.MapGet("/connection/meter", (Guid subscriptionId, AuthClient auth, CancellationToken cancellationToken) =>
            auth.AskAsync<MeterView>(HttpMethod.Get, MeterInAuth(subscriptionId), cancellationToken)).Produces<MeterView>().ProducesProblem(503);
    }

    public static string MeterInAuth(Guid subscriptionId) => $"{InAuth(subscriptionId)}/meter";

    public static string InAuth(Guid subscriptionId) => $"/internal/connections/{subscriptionId}";

    private static ConnectionView Show(Subscription s)
    {
        var state = s.Connection.ToString();
        return new ConnectionView(char.ToLowerInvariant(state[0]) + state[1..], s.ConnectionReason, s.PausedUntil, s.HubSpotAccountId, s.Account);
    }

    /// <summary>Finds out again what the account can do; the answer is in GET …/connection once it is known.</summary>
    private static async Task<IResult> ProbeAsync(
        Guid subscriptionId, HubDb db, Outbox<HubDb> outbox, TimeProvider time, CancellationToken cancellationToken)
    {
        var subscription = await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, cancellationToken);
        if (subscription.HubSpotAccountId is null)
            return Results.Problem("The subscription is not connected to HubSpot yet. Connect it first.", statusCode: 409);
        await outbox.PublishAsync(subscription.Saved(), cancellationToken: cancellationToken);
        await outbox.SendAsync(new ProbeAccount { SubscriptionId = subscriptionId }, cancellationToken: cancellationToken);
        db.Log(subscription, time, "account probe begun");
        await db.SaveChangesAsync(cancellationToken);
        return Results.Accepted(value: Show(subscription));
    }

    /// <summary>Connects with a static token instead of OAuth: same limits, no webhooks.</summary>
    private static async Task<IResult> TokenAsync(
        Guid subscriptionId, HttpRequest request, HubDb db, AuthClient auth, BeginConnecting begin, CancellationToken cancellationToken)
    {
        var errors = new Errors();
        var wanted = await JsonBody.ReadAsync<TokenRequest>(request, errors);
        if (errors.Any)
            return Refusals.Fields(errors);
        var subscription = await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, cancellationToken);
        if (await begin.MoveRefusalAsync(subscription, wanted!.OtherAccount, cancellationToken) is { } notNow)
            return notNow;
        // Before Auth is asked: it may be connected before Auth's answer is here.
        await begin.MarkBegunAsync(subscription, wanted.OtherAccount, cancellationToken);
        if (await auth.RefusalAsync(HttpMethod.Put, $"{InAuth(subscriptionId)}/token", wanted, cancellationToken) is not { } refusal)
            return Results.NoContent();
        await GoBackAsync(db, subscription, cancellationToken);
        return refusal;
    }

    private static async Task<IResult> DisconnectAsync(
        Guid subscriptionId, HubDb db, AuthClient auth, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await auth.RefusalAsync(HttpMethod.Delete, InAuth(subscriptionId), null, cancellationToken) is { } refusal)
            return refusal;
        db.Log(await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, cancellationToken), time, "disconnected by hand");
        await db.SaveChangesAsync(cancellationToken);
        return Results.NoContent();
    }

    // Auth took nothing, so it is as it was, unless Auth has told something of another connect meanwhile.
    private static async Task GoBackAsync(HubDb db, Subscription before, CancellationToken cancellationToken) => await db.Subscriptions
        .Where(s => s.Id == before.Id && s.Connection == ConnectionState.Connecting && s.Authorised == before.Authorised)
        .ExecuteUpdateAsync(
            s => s.SetProperty(x => x.Connection, before.Connection).SetProperty(x => x.ConnectionReason, before.ConnectionReason), cancellationToken);
}
