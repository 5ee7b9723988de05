using HubSpotBus.Contracts.Connections;

namespace HubSpotBus.Auth.Connecting;

/// <summary>The browser behind a request, known by the cookies that it shows.</summary>
public static class Browser
{
    /// <summary>The cookie of a browser in which nobody is signed in.</summary>
    public const string ConnectCookie = "hubspotbus_connect";

    /// <summary>The hashes that it may be known by: as the browser of a session of the hub's, and as the one that opened a link first.</summary>
    public static IReadOnlyList<string> HashesOf(HttpRequest request, Uri publicUrl) =>
    [
        .. new[] { BrowserSecret.SessionCookie(IsSecure(publicUrl)), ConnectCookie }.Select(name => BrowserSecret.Read(request.Cookies[name])).OfType<string>()
            .Select(BrowserSecret.Hash),
    ];

    /// <summary>
    /// The hash of the browser's own secret, which it is given where it has none; kept otherwise, so that connecting two subscriptions in two
    /// tabs works.
    /// </summary>
    public static string Remember(HttpContext http, Uri publicUrl)
    {
        var secret = BrowserSecret.Read(http.Request.Cookies[ConnectCookie]) ?? BrowserSecret.New();
        http.Response.Cookies.Append(ConnectCookie, secret, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax, // sent along when HubSpot sends the browser back
            Secure = IsSecure(publicUrl),
            MaxAge = ConsentRequest.Lifetime,
            Path = "/oauth",
        });
        return BrowserSecret.Hash(secret);
    }

    private static bool IsSecure(Uri publicUrl) => publicUrl.Scheme == Uri.UriSchemeHttps;
}
