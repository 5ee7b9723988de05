using HubSpotBus.Contracts.Connections;

namespace HubSpotBus.Auth.Connecting;

/// <summary>The browser behind a request, known by the session in which somebody signed in to the hub's pages with it.</summary>
public static class Browser
{
    /// <summary>Hash of the session's secret; null where nobody is signed in.</summary>
    public static string? SessionOf(HttpRequest request, Uri publicUrl) =>
        BrowserSecret.Read(request.Cookies[BrowserSecret.SessionCookie(publicUrl.Scheme == Uri.UriSchemeHttps)]) is { } secret
            ? BrowserSecret.Hash(secret)
            : null;
}
