using System.Security.Cryptography;
using System.Text;
using HubSpotBus.Contracts.Connections;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Egress;

/// <summary>Lets in only the services of this installation, and to a subscription only who shows its key.</summary>
public sealed class RequireServiceKey(IOptions<EgressOptions> options) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var subscription = http.GetRouteValue("subscriptionId") is { } id ? Guid.Parse($"{id}") : (Guid?)null;
        var right = ServiceKeys.Of(options.Value.ServiceKey.Reveal(), subscription);
        return IsSame(http.Request.Headers[ServiceKeys.Header].ToString(), right) ? await next(context) : Results.Unauthorized();
    }

    // Hashes have one length, so that the time taken tells nothing of the key's.
    private static bool IsSame(string shown, string right) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(shown)), SHA256.HashData(Encoding.UTF8.GetBytes(right)));
}
