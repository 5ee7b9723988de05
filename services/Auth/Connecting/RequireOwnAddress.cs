using System.Net;
using HubSpotBus.Auth.Tokens;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Connecting;

/// <summary>
/// Where no public address is configured, that of the request is taken, and a Host header says what its sender wants: only this computer's own
/// names are believed, so that neither browser nor code is sent to another's.
/// </summary>
public sealed class RequireOwnAddress(IOptions<HubSpotAppOptions> app) : IEndpointFilter
{
    private const string Unknown =
        "This installation does not know that it is reached under this address, so nothing was connected. Set HubSpotApp:PublicUrl (HubSpotApp__PublicUrl, "
        + "or PUBLIC_URL with compose) to the address that browsers use, start it again, and press Connect in the portal there.";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        app.Value.PublicUrl is not null || IsThisComputer(context.HttpContext.Request.Host.Host) ? await next(context) : Results.Text(Unknown, statusCode: 400);

    private static bool IsThisComputer(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
