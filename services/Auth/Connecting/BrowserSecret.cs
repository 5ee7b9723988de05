using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace HubSpotBus.Auth.Connecting;

/// <summary>Random values that a browser carries, and their hashes.</summary>
public static class BrowserSecret
{
    public const string Cookie = "hubspotbus_connect";
    private const int Length = 43; // 32 bytes in base64url

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    public static string? Of(HttpRequest request) => request.Cookies[Cookie] is { Length: Length } secret ? secret : null;

    /// <summary>The browser's secret, kept where it has one: connecting two subscriptions in two tabs works.</summary>
    public static string Ensure(HttpContext http, Uri publicUrl)
    {
        var secret = Of(http.Request) ?? New();
        http.Response.Cookies.Append(Cookie, secret, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax, // sent along when HubSpot sends the browser back
            Secure = publicUrl.Scheme == Uri.UriSchemeHttps,
            MaxAge = ConsentRequest.Lifetime,
            Path = "/oauth",
        });
        return secret;
    }
}
