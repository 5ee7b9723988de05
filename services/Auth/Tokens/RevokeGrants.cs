using HubSpotBus.Auth.Egress;
using HubSpotBus.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Tokens;

/// <summary>Gives grants back to HubSpot: at once, and again and again until HubSpot took them or says that they are dead.</summary>
public sealed partial class RevokeGrants(
    IServiceScopeFactory scopes, LiveConnections connections, TokenRequests requests, TokenVault vault, TimeProvider time, ILogger<RevokeGrants> log)
{
    // Longer than a permit and HubSpot's answer may take.
    private static readonly TimeSpan _try = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan _firstPause = TimeSpan.FromMinutes(1);
    private const int LongestPauseInFirstPauses = 64;

    public async Task RevokeDueAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var scope = scopes.CreateAsyncScope();
        var due = await scope.ServiceProvider.GetRequiredService<AuthDb>().GrantsToRevoke.AsNoTracking()
            .Where(g => g.TryAt <= now).OrderBy(g => g.TryAt).Select(g => g.Id).Take(20).ToListAsync(cancellation);
        await Task.WhenAll(due.Select(id => RevokeAsync(id, cancellation)));
    }

    /// <summary>Tries once, unless somebody else does. What does not succeed is tried again later.</summary>
    public async Task RevokeAsync(Guid id, CancellationToken cancellation)
    {
        try
        {
            if (await ClaimAsync(id, cancellation) is { } grant)
                await TryAsync(grant, cancellation);
        }
        catch (Exception failure) when (StoreFailures.IsPassing(failure) || StoreFailures.IsConflict(failure))
        {
            StoreAway(log, failure.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The process ends; the next one finds the grant.
        }
    }

    private async Task<GrantToRevoke?> ClaimAsync(Guid id, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        var now = time.GetUtcNow();
        if (await db.GrantsToRevoke.SingleOrDefaultAsync(g => g.Id == id && g.TryAt <= now, cancellation) is not { } grant)
            return null;
        (grant.TryAt, grant.Tries) = (now + _try, grant.Tries + 1);
        await db.SaveChangesAsync(cancellation);
        return grant;
    }

    private async Task TryAsync(GrantToRevoke grant, CancellationToken cancellation)
    {
        var (over, says) = await AskAsync(grant, cancellation);
        await using var scope = scopes.CreateAsyncScope();
        var mine = scope.ServiceProvider.GetRequiredService<AuthDb>().GrantsToRevoke.Where(g => g.Id == grant.Id);
        if (over)
        {
            await mine.ExecuteDeleteAsync(cancellation);
            Over(log, grant.SubscriptionId, says);
            return;
        }

        var pause = _firstPause * Math.Min(Math.Pow(2, grant.Tries - 1), LongestPauseInFirstPauses);
        var again = time.GetUtcNow() + pause;
        await mine.ExecuteUpdateAsync(set => set.SetProperty(g => g.TryAt, again), cancellation);
        NotYet(log, grant.SubscriptionId, pause, says);
    }

    private async Task<(bool Over, string Says)> AskAsync(GrantToRevoke grant, CancellationToken cancellation)
    {
        if (vault.TryOpen(grant.RefreshToken) is not { } token)
            return (false, TokenVault.KeysLost);
        if (await connections.FindAsync(grant.SubscriptionId, cancellation) is not { } connection)
            return (false, "the subscription is not known here");
        return await requests.RevokeAsync(connection, async () => await IsUsedAsync(grant, token, cancellation) ? null : token, cancellation);
    }

    // HubSpot may give one refresh token to two subscriptions on an account, or to the same one again when it is connected anew: their
    // connections must not die with what went before.
    private async Task<bool> IsUsedAsync(GrantToRevoke grant, Secret token, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var used = await scope.ServiceProvider.GetRequiredService<AuthDb>().Connections.AsNoTracking()
            .Where(c => c.HubSpotAccountId == grant.HubSpotAccountId && c.RefreshToken != null).Select(c => c.RefreshToken!).ToListAsync(cancellation);
        return used.Exists(locked => vault.TryOpen(locked) == token);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The grant that {SubscriptionId} had is over: {Says}")]
    private static partial void Over(ILogger log, Guid subscriptionId, string says);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The grant that {SubscriptionId} had is not revoked at HubSpot yet, tried again after {Pause}: {Says}")]
    private static partial void NotYet(ILogger log, Guid subscriptionId, TimeSpan pause, string says);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store could not be asked ({Reason}); what is to be revoked is so later")]
    private static partial void StoreAway(ILogger log, string reason);
}
