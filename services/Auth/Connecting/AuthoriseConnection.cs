using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Connecting;

/// <summary>What came of it: the subscription's name, or the account it is tied to and that this one is not, or that it is still connected.</summary>
public sealed record Authorised(string? Name, long? OtherThanAccount = null, bool StillConnected = false);

/// <summary>Stores what HubSpot granted and says so, in one commit: the connecting saga starts.</summary>
public sealed partial class AuthoriseConnection(
    AuthDb db, Outbox<AuthDb> outbox, TokenVault vault, LiveConnections connections, TimeProvider time, ILogger<AuthoriseConnection> log)
{
    public const string StillConnected =
        "The subscription is still connected to its account. Disconnect it, and move it to another account when its running batches have ended.";

    public Task<Authorised> WithGrantAsync(Guid subscriptionId, GrantedTokens tokens, long? otherAccount, CancellationToken cancellation) =>
        StoreAsync(subscriptionId, tokens.HubSpotAccountId, otherAccount, row =>
        {
            row.IsStatic = false;
            row.AccessToken = vault.Lock(tokens.AccessToken);
            row.RefreshToken = tokens.RefreshToken is { IsEmpty: false } refresh ? vault.Lock(refresh) : null;
            row.ExpiresAt = time.GetUtcNow() + tokens.ExpiresIn;
            row.LastRefreshAt = time.GetUtcNow();
            row.Scopes = tokens.Scopes;
        }, cancellation);

    public Task<Authorised> WithStaticTokenAsync(Guid subscriptionId, Secret token, long? otherAccount, CancellationToken cancellation) =>
        StoreAsync(subscriptionId, null, otherAccount, row =>
        {
            row.IsStatic = true;
            row.AccessToken = vault.Lock(token);
            (row.RefreshToken, row.ExpiresAt, row.LastRefreshAt, row.Scopes) = (null, null, null, null);
        }, cancellation);

    // A refresh may save the same row meanwhile. The code is spent by then, so the approval must not be lost to that.
    private async Task<Authorised> StoreAsync(
        Guid subscriptionId, long? account, long? otherAccount, Action<Connection> store, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await StoreOnceAsync(subscriptionId, account, otherAccount, store, cancellation);
            }
            catch (DbUpdateException) when (tries < 3)
            {
                db.ChangeTracker.Clear();
            }
        }
    }

    private async Task<Authorised> StoreOnceAsync(
        Guid subscriptionId, long? account, long? otherAccount, Action<Connection> store, CancellationToken cancellation)
    {
        var name = await db.Settings.Where(s => s.SubscriptionId == subscriptionId).Select(s => s.Name).SingleAsync(cancellation);
        var row = await db.Connections.SingleOrDefaultAsync(c => c.SubscriptionId == subscriptionId, cancellation)
            ?? db.Connections.Add(new Connection { SubscriptionId = subscriptionId }).Entity;
        row.Attempt++;
        // Calls that are under way carry ids of the old account: nobody moves while they go through.
        row.OtherAccount = row.HubSpotAccountId is null || row.HubSpotAccountId == otherAccount ? null : otherAccount;
        if (row.OtherAccount is not null && row.State is not (ConnectionState.Disconnected or ConnectionState.Revoked))
            return new Authorised(null, StillConnected: true);
        if (account is { } granted && !row.TakeAccount(granted))
            return new Authorised(null, row.HubSpotAccountId);

        store(row);
        (row.State, row.Reason, row.Until) = (ConnectionState.Connected, null, null);
        row.AccountUnproven = account is null;
        var fact = new ConnectionAuthorised { SubscriptionId = subscriptionId, Attempt = row.Attempt };
        await outbox.PublishAsync(fact, cancellationToken: cancellation);
        await db.SaveChangesAsync(cancellation);
        await connections.ReloadAsync(subscriptionId, cancellation);
        Stored(log, subscriptionId, row.Attempt);
        return new Authorised(name);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connection of {SubscriptionId} authorised, attempt {Attempt}")]
    private static partial void Stored(ILogger log, Guid subscriptionId, int attempt);
}
