using System.Net;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Hub.Access;

/// <summary>
/// A page for whoever is signed in, or sits at this machine and asks for it by this machine's name, who sees what the administrator sees. A
/// request that came through a proxy is another's, whether or not the web host believes what the proxy says.
/// </summary>
internal sealed class RequireSignIn(Sessions sessions, IOptions<HubOptions> hub) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var signedIn = await sessions.FindAsync(http.Request);
        if (signedIn is null && !IsThisMachine(http))
            return Results.Redirect("/sign-in");
        http.Items[nameof(SignedIn)] = signedIn;
        return await next(context);
    }

    private bool IsThisMachine(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) && hub.Value.RootOf(http.Request).IsLoopback
        && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded");
}

/// <summary>
/// A form of our own pages, sent from one of them under their own address: no other site signs somebody in here, or has them connect something.
/// </summary>
internal sealed class RequireOwnPage(IOptions<HubOptions> hub) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var own = hub.Value.RootOf(request);
        return request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none" && IsFrom(own, request.Headers.Origin.ToString())
            ? await next(context)
            : Results.Text($"This form was sent from another site, or under another address than {own}.", statusCode: 403);
    }

    // Whoever ends https in front of us may not say so: the scheme does not count.
    private static bool IsFrom(Uri own, string origin) =>
        origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority.Equals(own.Authority, StringComparison.OrdinalIgnoreCase));
}
