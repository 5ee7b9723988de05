using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Connecting;

/// <summary>DELETE /internal/connections/{id}: forgets the tokens at once; the grant is kept until HubSpot has revoked it.</summary>
public static partial class Disconnect
{
    public static void MapDisconnect(this IEndpointRouteBuilder app) =>
        app.MapDelete("/internal/connections/{subscriptionId:guid}", DisconnectAsync);

    private static async Task<IResult> DisconnectAsync(
        Guid subscriptionId, AuthDb db, Outbox<AuthDb> outbox, LiveConnections connections, RevokeGrants revoke, TokenVault vault,
        IHostApplicationLifetime lifetime, TimeProvider time, ILogger<RevokeGrants> log, CancellationToken cancellation)
    {
        var row = await db.Connections.SingleOrDefaultAsync(c => c.SubscriptionId == subscriptionId, cancellation);
        if (row is null || row.State == ConnectionState.Disconnected)
            return Results.NoContent();

        var grant = row.RefreshToken is { } locked && vault.TryOpen(locked) is not null
            ? db.GrantsToRevoke.Add(new GrantToRevoke
            {
                Id = NewId.NextGuid(), SubscriptionId = subscriptionId, HubSpotAccountId = row.HubSpotAccountId, RefreshToken = locked, TryAt = time.GetUtcNow(),
            }).Entity
            : null;
        (row.AccessToken, row.RefreshToken, row.ExpiresAt, row.Until) = (null, null, null, null);
        (row.State, row.Reason) = (ConnectionState.Disconnected, "The subscription was disconnected. Connect it to go on.");
        row.Attempt++; // what is under way belongs to an earlier connect from now on
        if (await db.Connecting.SingleOrDefaultAsync(s => s.CorrelationId == subscriptionId, cancellation) is { } connecting)
            connecting.Disconnect(row.Attempt, row.Reason);
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

        Disconnected(log, subscriptionId, grant is not null);
        if (grant is not null)
            _ = Task.Run(() => revoke.RevokeAsync(grant.Id, lifetime.ApplicationStopping), CancellationToken.None);
        await connections.ReloadAsync(subscriptionId, cancellation);
        return Results.NoContent();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{SubscriptionId} disconnected; a grant is to be revoked at HubSpot: {ToBeRevoked}")]
    private static partial void Disconnected(ILogger log, Guid subscriptionId, bool toBeRevoked);
}
