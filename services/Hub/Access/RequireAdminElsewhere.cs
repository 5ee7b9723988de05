using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace HubSpotBus.Hub.Access;

/// <summary>
/// A page for whoever sits at this machine; others show the administrator's key, which their browser asks them for as a password. A request
/// that came through a proxy is another's, whether or not the web host believes what the proxy says.
/// </summary>
internal sealed class RequireAdminElsewhere(AdminKey admin) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (IsThisMachine(http) || (PasswordOf(http.Request) is { } key && admin.Is(key)))
            return await next(context);
        http.Response.Headers.WWWAuthenticate = "Basic realm=\"HubSpotBus\", charset=\"UTF-8\"";
        return Results.Text("This page needs the administrator's key, as password of any user name.", statusCode: 401);
    }

    private static bool IsThisMachine(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded");

    private static string? PasswordOf(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            || !"Basic".Equals(header.Scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[header.Parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(header.Parameter ?? "", bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        return pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? pair[(colon + 1)..] : null;
    }
}
