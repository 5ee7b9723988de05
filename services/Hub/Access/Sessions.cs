using HubSpotBus.Contracts.Connections;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Hub.Access;

/// <summary>Somebody who signed in with a key, in one browser. Of the browser's secret and of the key the hashes are kept.</summary>
public sealed class Session
{
    public required string SecretHash { get; init; }

    /// <summary>The key's: a session opens what its key opens, as long as it does.</summary>
    public required string KeyHash { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Whose key the session was begun with, and the hash of its secret, which stands for the session.</summary>
internal sealed record SignedIn(Caller Caller, string SecretHash)
{
    /// <summary>Who is signed in where the page of this request is shown; null for whoever sits at this machine and is not.</summary>
    public static SignedIn? Of(HttpContext http) => http.Items[nameof(SignedIn)] as SignedIn;
}

/// <summary>Signing in to the pages: the key is shown once, and the browser carries a cookie from then on.</summary>
internal sealed class Sessions(HubDb db, Callers callers, IOptions<HubOptions> hub, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>False when the key is nobody's.</summary>
    public async Task<bool> SignInAsync(HttpContext http, string key)
    {
        var keyHash = ApiKeys.Hash(key);
        if (key.Length == 0 || await callers.OfAsync(keyHash, http.RequestAborted) is null)
            return false;
        await EndAsync(http.Request);
        var secret = BrowserSecret.New();
        db.Sessions.Add(new Session { SecretHash = BrowserSecret.Hash(secret), KeyHash = keyHash, ExpiresAt = time.GetUtcNow() + Lifetime });
        await db.SaveChangesAsync(http.RequestAborted);
        http.Response.Cookies.Append(CookieOf(http.Request), secret, Options(http.Request));
        return true;
    }

    /// <summary>Null when nobody is signed in in the browser that asks.</summary>
    public async Task<SignedIn?> FindAsync(HttpRequest request)
    {
        if (HashOf(request) is not { } hash)
            return null;
        var (now, cancellation) = (time.GetUtcNow(), request.HttpContext.RequestAborted);
        return await db.Sessions.AsNoTracking().SingleOrDefaultAsync(s => s.SecretHash == hash && s.ExpiresAt > now, cancellation) is { } session
            && await callers.OfAsync(session.KeyHash, cancellation) is { } caller
            ? new SignedIn(caller, hash)
            : null;
    }

    public async Task SignOutAsync(HttpContext http)
    {
        await EndAsync(http.Request);
        http.Response.Cookies.Delete(CookieOf(http.Request), Options(http.Request));
    }

    private async Task EndAsync(HttpRequest request)
    {
        if (HashOf(request) is { } hash)
            await db.Sessions.Where(s => s.SecretHash == hash).ExecuteDeleteAsync(request.HttpContext.RequestAborted);
    }

    private string? HashOf(HttpRequest request) =>
        BrowserSecret.Read(request.Cookies[CookieOf(request)]) is { } secret ? BrowserSecret.Hash(secret) : null;

    private string CookieOf(HttpRequest request) => BrowserSecret.SessionCookie(IsSecure(request));

    private bool IsSecure(HttpRequest request) => hub.Value.RootOf(request).Scheme == Uri.UriSchemeHttps;

    // For the whole address: Auth, which answers under /oauth of it, tells by this cookie whose link to connect it is shown.
    private CookieOptions Options(HttpRequest request) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax, // sent along when HubSpot sends the browser back, and with no form of another site
        Secure = IsSecure(request),
        Path = "/",
    };
}
