using HubSpotBus.Auth.Tokens;
using HubSpotBus.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.HubSpotApp;

/// <summary>Client id and secret, and where they are from.</summary>
public sealed record AppCredential(string ClientId, Secret ClientSecret, AppSource Source);

public enum AppSource
{
    None,

    /// <summary>Environment, file or another source of configuration: wins over what is stored.</summary>
    Configuration,

    /// <summary>Entered in the portal or through the API.</summary>
    Stored,
}

/// <summary>The credentials of this installation's HubSpot app. What another replica stored is seen five seconds later at the latest.</summary>
public sealed class AppCredentials(IServiceScopeFactory scopes, TokenVault vault, IOptions<HubSpotAppOptions> options, TimeProvider time)
{
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(150);

    // The first question takes longer, and what is left of the second is enough to say so.
    private static readonly TimeSpan _patienceAtFirst = TimeSpan.FromMilliseconds(600);

    private readonly Lock _gate = new();
    private Task<AppCredential?>? _reading;
    private volatile Known? _known;

    /// <summary>Credentials are stored, and the keys that locked them are gone.</summary>
    public bool AreLost => _known is { Lost: true };

    /// <summary>The credentials; null when there are none yet, or the keys that locked them are gone.</summary>
    public async ValueTask<AppCredential?> FindAsync(CancellationToken cancellation) =>
        Fresh is { } fresh ? fresh.Credential : await ReadAsync(cancellation);

    /// <summary>
    /// The same for a webhook, which has a second: while the store is slow or away, what was known before will do. Not known where nothing
    /// was yet, as after a restart.
    /// </summary>
    public async ValueTask<(bool Known, AppCredential? Credential)> FindForWebhookAsync(CancellationToken cancellation)
    {
        if (Fresh is { } fresh)
            return (true, fresh.Credential);
        var last = _known;
        try
        {
            return (true, await ReadAside().WaitAsync(last is null ? _patienceAtFirst : _patience, time, cancellation));
        }
        catch (Exception failure) when (failure is TimeoutException || StoreFailures.IsPassing(failure))
        {
            return (last is not null, last?.Credential);
        }
    }

    // Aside: a store that waits for its file does not listen. A crowd of webhooks asks it once.
    private Task<AppCredential?> ReadAside()
    {
        lock (_gate)
        {
            if (_reading is not { IsCompleted: false })
                _reading = Task.Run(() => ReadAsync(CancellationToken.None));
            return _reading;
        }
    }

    /// <summary>Reads again what is stored.</summary>
    public async Task<AppCredential?> ReadAsync(CancellationToken cancellation)
    {
        var readAt = time.GetTimestamp();
        await using var scope = scopes.CreateAsyncScope();
        var row = await scope.ServiceProvider.GetRequiredService<AuthDb>().StoredApps.AsNoTracking().SingleOrDefaultAsync(cancellation);
        var credential = row is not null && vault.TryOpen(row.ClientSecret) is { } secret
            ? new AppCredential(row.ClientId, secret, AppSource.Stored)
            : null;
        _known = new Known(credential, row is not null && credential is null, readAt);
        return credential;
    }

    // What is in the configuration, or was read a moment ago.
    private Known? Fresh => options.Value is { HasApp: true } configured
        ? new Known(new AppCredential(configured.ClientId, configured.ClientSecret, AppSource.Configuration), Lost: false, ReadAt: 0)
        : _known is { } known && time.GetElapsedTime(known.ReadAt) < _fresh ? known : null;

    private sealed record Known(AppCredential? Credential, bool Lost, long ReadAt);
}
