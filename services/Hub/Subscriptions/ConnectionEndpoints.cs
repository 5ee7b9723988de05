using System.ComponentModel.DataAnnotations;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Hub.ActivityLog;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Hub.Subscriptions;

/// <summary>The internal service key, with which the hub signs the ticket that an operator takes to Auth.</summary>
public sealed class ConnectOptions
{
    public const string Section = "Egress";

    [Required]
    public Secret? ServiceKey { get; set; }
}

/// <summary>The state of a connection: notConnected, connecting, connected, paused or failed.</summary>
public sealed record ConnectionView(string State, string? Reason, DateTimeOffset? PausedUntil, long? HubSpotAccountId, AccountAbilities? Account);

/// <summary>Where the operator goes on to connect.</summary>
public sealed record ConnectLink(Uri AuthorizeUrl);

/// <summary>Begin connecting, and see how it stands.</summary>
internal static class ConnectionEndpoints
{
    public static void MapConnection(this RouteGroupBuilder subscription)
    {
        subscription.MapPost("/connection", BeginAsync);
        subscription.MapPost("/connection/probe", ProbeAsync).Produces<ConnectionView>(202).ProducesProblem(409);
        subscription.MapGet("/connection", async (Guid subscriptionId, HubDb db, CancellationToken cancellationToken) =>
            Show(await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, cancellationToken)));
    }

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
        await outbox.SendAsync(new ProbeAccount { SubscriptionId = subscriptionId }, cancellationToken: cancellationToken);
        db.Log(subscription, time, "account probe begun");
        await db.SaveChangesAsync(cancellationToken);
        return Results.Accepted(value: Show(subscription));
    }

    private static async Task<ConnectLink> BeginAsync(
        Guid subscriptionId, HttpRequest request, HubDb db, IOptions<HubOptions> hub, IOptions<ConnectOptions> connect, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var subscription = await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, cancellationToken);
        if (subscription.Connection is ConnectionState.NotConnected or ConnectionState.Failed)
        {
            subscription.Connection = ConnectionState.Connecting;
            subscription.ConnectionReason = null;
        }

        db.Log(subscription, time, "connecting begun");
        await db.SaveChangesAsync(cancellationToken);
        var root = hub.Value.PublicUrl ?? new Uri($"{request.Scheme}://{request.Host}");
        var ticket = ConnectTicket.Create(connect.Value.ServiceKey!.Reveal(), subscriptionId, time.GetUtcNow());
        return new ConnectLink(new Uri(root, $"/oauth/begin?ticket={Uri.EscapeDataString(ticket)}"));
    }
}
