using System.Security.Cryptography;
using System.Text;

namespace HubSpotBus.Contracts.Connections;

/// <summary>
/// The keys that services show Auth. A call that names a subscription in its path carries that subscription's key, which opens no other's;
/// every other call carries the service key itself. Form: HMAC-SHA256 over the subscription's id with the service key, in hexadecimal.
/// </summary>
public static class ServiceKeys
{
    /// <summary>Name of the header that carries the key.</summary>
    public const string Header = "X-HubSpotBus-Key";

    /// <summary>The key for calls about a subscription; the service key where it is about none.</summary>
    public static string Of(string serviceKey, Guid? subscriptionId) => subscriptionId is { } id
        ? Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(serviceKey), Encoding.ASCII.GetBytes($"{id:N}")))
        : serviceKey;

    /// <summary>The key for a call to this address of Auth, such as <c>/egress/{subscriptionId}/...</c>.</summary>
    public static string For(string serviceKey, Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        foreach (var segment in address.Segments)
        {
            if (Guid.TryParse(segment.TrimEnd('/'), out var subscriptionId))
                return Of(serviceKey, subscriptionId);
        }

        return serviceKey;
    }
}
