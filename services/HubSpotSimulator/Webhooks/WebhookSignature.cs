using System.Security.Cryptography;
using System.Text;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>How HubSpot signs what it sends.</summary>
public static class WebhookSignature
{
    /// <summary><c>X-HubSpot-Signature</c> with version v1.</summary>
    public static string V1(string secret, string body) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret + body)));

    /// <summary><c>X-HubSpot-Signature-v3</c>; the timestamp is in milliseconds, as in <c>X-HubSpot-Request-Timestamp</c>.</summary>
    public static string V3(string secret, string method, string uri, string body, long timestamp) => Convert.ToBase64String(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{method}{uri}{body}{timestamp}")));
}
