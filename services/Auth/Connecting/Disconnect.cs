using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
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
        var fact = new ConnectionPaused { SubscriptionId = subscriptionId, Reason = row.Reason };
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
        var revoked = refreshToken is null || connection is { View.ApiUrlAllowed: true }
            && await requests.RevokeAsync(connection, refreshToken, cancellation);
        Disconnected(log, subscriptionId, revoked);
        return Results.NoContent();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{SubscriptionId} disconnected; revoked at HubSpot: {Revoked}")]
    private static partial void Disconnected(ILogger log, Guid subscriptionId, bool revoked);
}
