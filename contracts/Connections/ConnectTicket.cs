using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HubSpotBus.Contracts.Connections;

/// <summary>
/// Admission to <c>/oauth/begin</c>: says which subscription is to be connected, signed with the internal service key.
/// No two are the same. Form:
/// <c>{subscriptionId:N}.{unix seconds of expiry}.{other account or 0}.{random}.{base64url of HMAC-SHA256 over the part before}</c>.
/// </summary>
public static class ConnectTicket
{
    /// <summary>How long a ticket is good for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A ticket for the subscription, good until <see cref="Lifetime"/> from now; with the HubSpot account that the operator confirmed it
    /// may move to.
    /// </summary>
    public static string Create(string serviceKey, Guid subscriptionId, DateTimeOffset now, long? otherAccount = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        var said = string.Create(CultureInfo.InvariantCulture, $"{subscriptionId:N}.{(now + Lifetime).ToUnixTimeSeconds()}.{otherAccount ?? 0}.{NewRandom()}");
        return $"{said}.{Sign(serviceKey, said)}";
    }

    /// <summary>What the ticket speaks of; null when it is forged, expired or not a ticket.</summary>
    public static (Guid SubscriptionId, long? OtherAccount)? Verify(string serviceKey, string? ticket, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        var parts = ticket?.Split('.') ?? [];
        if (parts.Length != 5
            || !Guid.TryParseExact(parts[0], "N", out var subscriptionId)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var expiry)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var otherAccount))
        {
            return null;
        }

        var signature = Encoding.ASCII.GetBytes(Sign(serviceKey, string.Join('.', parts[..4])));
        var genuine = CryptographicOperations.FixedTimeEquals(signature, Encoding.UTF8.GetBytes(parts[4]));
        return genuine && now.ToUnixTimeSeconds() < expiry ? (subscriptionId, otherAccount > 0 ? otherAccount : null) : null;
    }

    private static string NewRandom() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));

    private static string Sign(string serviceKey, string said) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(serviceKey), Encoding.ASCII.GetBytes(said)));
}
