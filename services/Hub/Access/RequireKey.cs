using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.Access;

/// <summary>
/// Every call of the API has a key. The administrator's opens everything; a company's opens what is its own, and everything else
/// looks as if it were not there.
/// </summary>
internal sealed class RequireKey(HubDb db, Callers callers) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (KeyOf(http.Request) is not { } key)
            return Refusals.Unauthorized("Send your API key as \"Authorization: Bearer <key>\".");
        if (await callers.OfAsync(ApiKeys.Hash(key), http.RequestAborted) is not { } caller)
            return Refusals.Unauthorized("This API key is not known.");

        if (http.GetRouteValue("companyId") is { } route)
        {
            var companyId = Guid.Parse((string)route);
            if (caller.CompanyId is { } own ? own != companyId : !await db.Companies.AnyAsync(c => c.Id == companyId, http.RequestAborted))
                return Refusals.NotFound();
        }

        http.Items[nameof(Caller)] = caller;
        return await next(context);
    }

    private static string? KeyOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        var key = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..] : request.Headers["X-Api-Key"].ToString();
        return key.Length == 0 ? null : key;
    }
}

/// <summary>Who calls: a company, or the administrator when null.</summary>
internal sealed record Caller(Guid? CompanyId)
{
    public static Caller Of(HttpContext http) => (Caller)http.Items[nameof(Caller)]!;
}

/// <summary>Knows whose a key is.</summary>
internal sealed class Callers(HubDb db, AdminKey admin)
{
    /// <summary>By the hash of the key; null when it is nobody's.</summary>
    public async Task<Caller?> OfAsync(string keyHash, CancellationToken cancellationToken) => admin.HasHash(keyHash)
        ? new Caller(null)
        : await db.Companies.Where(c => c.KeyHash == keyHash).Select(c => new Caller(c.Id)).SingleOrDefaultAsync(cancellationToken);
}

/// <summary>The subscription of the path belongs to the company of the path.</summary>
internal sealed class RequireSubscription(HubDb db) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var companyId = Guid.Parse((string)http.GetRouteValue("companyId")!);
        var subscriptionId = Guid.Parse((string)http.GetRouteValue("subscriptionId")!);
        return await db.Subscriptions.AnyAsync(s => s.Id == subscriptionId && s.CompanyId == companyId, http.RequestAborted)
            ? await next(context)
            : Refusals.NotFound();
    }
}

/// <summary>Refusals as problem details that say what is allowed.</summary>
internal static class Refusals
{
    public static IResult Unauthorized(string detail) =>
        Results.Problem(detail, statusCode: 401, title: "An API key is needed");

    public static IResult Forbidden() =>
        Results.Problem("Only the administrator's key may do this.", statusCode: 403, title: "Not allowed");

    public static IResult NotFound() =>
        Results.Problem("There is nothing here, or nothing that your key opens.", statusCode: 404, title: "Not found");

    public static IResult Fields(Errors errors) =>
        Results.ValidationProblem(errors.ByField, title: "Some fields are not allowed as they are");
}

/// <summary>What is wrong with a request, field by field.</summary>
internal sealed class Errors
{
    private readonly Dictionary<string, List<string>> _byField = [];

    public bool Any => _byField.Count > 0;

    public Dictionary<string, string[]> ByField => _byField.ToDictionary(f => f.Key, f => f.Value.ToArray());

    public void Add(string field, string whatIsAllowed)
    {
        if (!_byField.TryGetValue(field, out var all))
            _byField[field] = all = [];
        all.Add(whatIsAllowed);
    }

    public void Check(bool allowed, string field, string whatIsAllowed)
    {
        if (!allowed)
            Add(field, whatIsAllowed);
    }
}
