using HubSpotBus.HubSpotSimulator.Crm;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Limits;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>What happens around every call: correlation id, counting, token, scopes, limits, latency, faults.</summary>
internal sealed class Answering(RequestDelegate next, SimulatorStore store, SimulatorOptions options, CallLog log, RateLimits limits, FaultPlan faults, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers["x-hubspot-correlation-id"] = Guid.CreateVersion7().ToString();
        context.Request.Path = CallKind.Normalise(context.Request.Path);
        if (CallKind.Of(context.Request) is not { } kind)
        {
            await next(context);
            return;
        }

        log.Begin(kind);
        try
        {
            if (options.LatencyMilliseconds > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(options.LatencyMilliseconds), time, context.RequestAborted);
            await AnswerAsync(context, kind);
        }
        catch (RefusedException refused)
        {
            await refused.WriteAsync(context);
        }
        finally
        {
            log.End(context.Response.StatusCode);
        }
    }

    private async Task AnswerAsync(HttpContext context, string kind)
    {
        if (!kind.StartsWith("oauth.", StringComparison.Ordinal))
        {
            var grant = Authenticate(context);
            context.Items[nameof(Portal)] = store.Portal(grant.PortalId);
            Scopes.Demand(grant, kind);
            limits.Take(context, grant, kind);
        }

        if (faults.Next(kind, context.Request.Path) is not { } fault)
        {
            await next(context);
            return;
        }

        if (fault.DelayMilliseconds > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(fault.DelayMilliseconds), time, context.RequestAborted);
        if (fault.When == "after")
        {
            // The write is committed; only its answer is lost.
            var answer = context.Response.Body;
            context.Response.Body = Stream.Null;
            try
            {
                await next(context);
            }
            catch (RefusedException)
            {
                // Refused or not: the caller does not hear of it.
            }

            context.Response.Body = answer;
        }

        if (fault.Status == 0)
        {
            context.Abort();
            return;
        }

        context.Response.ContentLength = null;
        if (fault.RetryAfterSeconds is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString();
        throw new RefusedException(fault.Status, fault.Body ?? $$"""{"status":"error","message":"Injected fault {{fault.Status}}"}""");
    }

    private Grant Authenticate(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.Ordinal))
            throw Errors.NotAuthenticated();
        var grant = store.GrantOf(header["Bearer ".Length..]);
        if (grant is null || grant.Kind is not (GrantKind.Access or GrantKind.Static))
            throw Errors.NotAuthenticated();
        if (grant.ExpiresAt <= time.GetUtcNow())
            throw Errors.TokenExpired(time.GetUtcNow() - grant.ExpiresAt.Value);
        return grant;
    }
}

/// <summary>Names calls by what they do, whatever version their path has.</summary>
internal static class CallKind
{
    /// <summary>The legacy form /crm/v3/objects becomes /crm/objects/v3, so that one handler answers both.</summary>
    public static PathString Normalise(PathString path)
    {
        var parts = path.Value!.Split('/');
        if (parts.Length > 3 && parts[1] == "crm" && parts[2] is "v3" or "v4")
            (parts[2], parts[3]) = (parts[3], parts[2]);
        return string.Join('/', parts);
    }

    public static string? Of(HttpRequest request)
    {
        var parts = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["oauth", _, "token"] => "oauth.token",
            ["oauth", _, "token", var operation] => $"oauth.{operation}",
            ["appinstalls", ..] => "app.uninstall",
            ["account-info", ..] => "account-info",
            ["crm", "objects", _, var type, .. var rest] => $"{ObjectKind.Of(type)?.Name ?? type}.{Operation(request.Method, rest)}",
            ["crm", "associations", _, _, _, .. var rest] => $"associations.{string.Join('.', rest)}",
            ["crm", "properties", _, _, .. var rest] => $"properties.{(rest is ["batch", var op] ? $"batch.{op}" : request.Method == "GET" ? "list" : "create")}",
            ["crm", "pipelines", ..] => "pipelines.list",
            _ => null,
        };
    }

    private static string Operation(string method, string[] rest) => (method, rest) switch
    {
        (_, ["batch", var operation]) => $"batch.{operation}",
        (_, ["search"]) => "search",
        (_, ["merge"]) => "merge",
        (_, [_, "associations", ..]) => "associations",
        ("GET", []) => "list",
        ("GET", _) => "get",
        ("POST", _) => "create",
        ("PATCH", _) => "update",
        _ => "archive",
    };
}

/// <summary>Which scopes a call asks for.</summary>
internal static class Scopes
{
    public static void Demand(Grant grant, string kind)
    {
        if (grant.Kind == GrantKind.Static || kind.Split('.') is not [var type, .. var operation] || ObjectKind.Of(type) is null)
            return;
        var reads = operation[^1] is "list" or "get" or "read" or "search";
        var scope = $"crm.objects.{type}.{(reads ? "read" : "write")}";
        if (!grant.Scopes.Contains(scope) && !(type is "products" or "line_items" && grant.Scopes.Contains("e-commerce")))
            throw Errors.MissingScope(scope);
    }
}
