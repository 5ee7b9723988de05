using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace HubSpotBus.Contracts.Connections;

/// <summary>A random value that a browser carries in a cookie; kept and compared as its hash only.</summary>
public static class BrowserSecret
{
    private const int Length = 43; // 32 bytes in base64url

    /// <summary>
    /// The cookie of whoever is signed in to the hub's pages. By https a name that browsers take from the very host alone, and not from one beside
    /// it.
    /// </summary>
    public static string SessionCookie(bool secure) => secure ? "__Host-hubspotbus_session" : "hubspotbus_session";

    /// <summary>A new one, of 32 random bytes.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is kept of it.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>The cookie's value where it can be one; null otherwise.</summary>
    public static string? Read(string? cookie) => cookie is { Length: Length } ? cookie : null;
}
