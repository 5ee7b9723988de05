using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Egress;

/// <summary>Lets in only the services of this installation.</summary>
public sealed class RequireServiceKey(IOptions<EgressOptions> options) : IEndpointFilter
{
    public const string Header = "X-HubSpotBus-Key";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        IsRight(context.HttpContext.Request.Headers[Header].ToString()) ? await next(context) : Results.Unauthorized();

    // Hashes have one length, so that the time taken tells nothing of the key's.
    private bool IsRight(string shown) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(shown)), SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.ServiceKey.Reveal())));
}
