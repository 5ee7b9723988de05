using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HubSpotBus.Contracts.Connections;

/// <summary>
/// Admission to <c>/oauth/begin</c>: says which subscription is to be connected, and in whose browser; signed with the internal service key.
/// No two are the same. Form:
/// <c>{subscriptionId:N}.{unix seconds of expiry}.{other account or 0}.{session}.{random}.{base64url of HMAC-SHA256 over the part before}</c>.
/// </summary>
/// <param name="SubscriptionId">The subscription.</param>
/// <param name="Session">
/// Hash of the session's secret that it was made for (<see cref="BrowserSecret.SessionCookie"/>): it is good in that browser only.
/// </param>
/// <param name="OtherAccount">The HubSpot account that the operator confirmed it may move to.</param>
public readonly record struct ConnectTicket(Guid SubscriptionId, string Session, long? OtherAccount = null)
{
    /// <summary>How long a ticket is good for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>The ticket as it travels, good until <see cref="Lifetime"/> from now.</summary>
    public string Sign(string serviceKey, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        var said = string.Create(
            CultureInfo.InvariantCulture, $"{SubscriptionId:N}.{(now + Lifetime).ToUnixTimeSeconds()}.{OtherAccount ?? 0}.{Session}.{NewRandom()}");
        return $"{said}.{Signature(serviceKey, said)}";
    }

    /// <summary>What the ticket says; null when it is forged, expired or not a ticket.</summary>
    public static ConnectTicket? Verify(string serviceKey, string? ticket, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        var parts = ticket?.Split('.') ?? [];
        if (parts.Length != 6
            || !Guid.TryParseExact(parts[0], "N", out var subscriptionId)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var expiry)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var otherAccount)
            || parts[3].Length == 0)
        {
            return null;
        }

        var signature = Encoding.ASCII.GetBytes(Signature(serviceKey, string.Join('.', parts[..5])));
        var genuine = CryptographicOperations.FixedTimeEquals(signature, Encoding.UTF8.GetBytes(parts[5]));
        return genuine && now.ToUnixTimeSeconds() < expiry
            ? new ConnectTicket(subscriptionId, parts[3], otherAccount > 0 ? otherAccount : null)
            : null;
    }

    private static string NewRandom() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));

    private static string Signature(string serviceKey, string said) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(serviceKey), Encoding.ASCII.GetBytes(said)));
}
