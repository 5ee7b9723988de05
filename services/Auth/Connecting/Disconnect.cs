using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Connecting;

/// <summary>DELETE /internal/connections/{id}: forgets the tokens, then revokes the grant at HubSpot as well as it goes.</summary>
public static partial class Disconnect
{
    public static void MapDisconnect(this IEndpointRouteBuilder app) =>
        app.MapDelete("/internal/connections/{subscriptionId:guid}", DisconnectAsync);

    private static async Task<IResult> DisconnectAsync(
        Guid subscriptionId, AuthDb db, Outbox<AuthDb> outbox, LiveConnections connections, TokenRequests requests, TokenVault vault,
        ILogger<TokenVault> log, CancellationToken cancellation)
    {
        var row = await db.Connections.SingleOrDefaultAsync(c => c.SubscriptionId == subscriptionId, cancellation);
        if (row is null || row.State == ConnectionState.Disconnected)
            return Results.NoContent();

        var refreshToken = row.RefreshToken is { } locked ? vault.TryOpen(locked) : null;
        (row.AccessToken, row.RefreshToken, row.ExpiresAt, row.Until) = (null, null, null, null);
        (row.State, row.Reason) = (ConnectionState.Disconnected, "The subscription was disconnected. Connect it to go on.");
        row.Attempt++; // what is under way belongs to an earlier connect from now on
        if (await db.Connecting.SingleOrDefaultAsync(s => s.CorrelationId == subscriptionId, cancellation) is { } connecting)
            connecting.Abandon(row.Attempt, row.Reason);
        var fact = new ConnectionPaused { SubscriptionId = subscriptionId, Reason = row.Reason, Attempt = row.Attempt };
        await outbox.PublishAsync(fact, cancellationToken: cancellation);
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Results.Problem("The connection changed at the same moment. Try again.", statusCode: 409);
        }

        var connection = await connections.ReloadAsync(subscriptionId, cancellation);
        var revoked = refreshToken is null || await IsSharedAsync(db, row, vault, refreshToken, cancellation) || connection is { View.ApiUrlAllowed: true }
            && await requests.RevokeAsync(connection, refreshToken, cancellation);
        Disconnected(log, subscriptionId, revoked);
        return Results.NoContent();
    }

    // HubSpot may give one refresh token to two subscriptions on an account: the other one's connection must not die with this one.
    private static async Task<bool> IsSharedAsync(AuthDb db, Connection row, TokenVault vault, Secret token, CancellationToken cancellation) =>
        (await db.Connections.AsNoTracking()
            .Where(c => c.SubscriptionId != row.SubscriptionId && c.HubSpotAccountId == row.HubSpotAccountId && c.RefreshToken != null)
            .Select(c => c.RefreshToken!).ToListAsync(cancellation))
        .Any(other => vault.TryOpen(other) == token);

    [LoggerMessage(Level = LogLevel.Information, Message = "{SubscriptionId} disconnected; revoked at HubSpot, or left to another subscription: {Revoked}")]
    private static partial void Disconnected(ILogger log, Guid subscriptionId, bool revoked);
}
