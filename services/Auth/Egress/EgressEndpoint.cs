using System.Globalization;
using Microsoft.AspNetCore.Http.Features;

namespace HubSpotBus.Auth.Egress;

/// <summary>/egress/{subscriptionId}/{path without API version}: a call to HubSpot for a service of this installation.</summary>
public static class EgressEndpoint
{
    public const string LaneHeader = "X-HubSpotBus-Lane";
    public const string RefusalHeader = "X-HubSpotBus-Egress";

    /// <summary>With the value <c>may-come</c>: HubSpot may still carry out an earlier attempt of this call, which brought no answer.</summary>
    public const string EarlierHeader = "X-HubSpotBus-Earlier";
    private const int LargestBody = 10 * 1024 * 1024;

    public static void MapEgress(this IEndpointRouteBuilder app) =>
        app.MapMethods("/egress/{subscriptionId:guid}/{**path}", ["GET", "POST"], PassAsync);

    private static async Task PassAsync(Guid subscriptionId, HttpContext http, HubSpotCalls calls, LiveConnections connections, CancellationToken cancellation)
    {
        if (PathOf(http) is not { } path)
        {
            await ExplainAsync(http, 400, "This method and path may not be asked for through the egress.");
            return;
        }

        if (LaneOf(http) is not { } lane)
        {
            await ExplainAsync(http, 400, $"{LaneHeader} is live, retry or backfill.");
            return;
        }

        var (body, tooLarge) = await BodyAsync(http, cancellation);
        if (tooLarge)
        {
            await ExplainAsync(http, 413, "The body is larger than 10 MB; send a smaller batch.");
            return;
        }

        var answer = await calls.CallAsync(subscriptionId, new HubSpotCall
        {
            InAccountOf = await connections.FindAsync(subscriptionId, cancellation),
            Path = path,
            Lane = lane,
            Body = body,
            ContentType = http.Request.ContentType,
        }, cancellation);
        await WriteAsync(http.Response, answer, cancellation);
    }

    // The request line as it came: routing has already undone encodings and dots, and what they hid would be lost.
    private static EgressPath? PathOf(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var parts = target.Split('/', 4);
        return parts is ["", var egress, _, var rest] && egress.Equals("egress", StringComparison.OrdinalIgnoreCase)
            ? EgressPath.Parse(MethodOf(http), rest)
            : null;
    }

    // Routing takes "post" for POST; HubSpot and our retries might not.
    private static string MethodOf(HttpContext http) => http.Request.Method.ToUpperInvariant();

    private static Lane? LaneOf(HttpContext http) => http.Request.Headers[LaneHeader].ToString() switch
    {
        "" or "live" => Lane.Live,
        "retry" => Lane.Retry,
        "backfill" => Lane.Backfill,
        _ => null,
    };

    private static async Task<(byte[]? Body, bool TooLarge)> BodyAsync(HttpContext http, CancellationToken cancellation)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null; // counted below, so that the refusal is ours on every server
        if (http.Request.ContentLength > LargestBody)
            return (null, true);
        using var memory = new MemoryStream((int)(http.Request.ContentLength ?? 0));
        var buffer = new byte[64 * 1024];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, cancellation)) > 0;)
        {
            if (memory.Length + read > LargestBody)
                return (null, true);
            memory.Write(buffer, 0, read);
        }

        return (memory.Length == 0 ? null : memory.ToArray(), false);
    }

    private static async Task WriteAsync(HttpResponse response, EgressAnswer answer, CancellationToken cancellation)
    {
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        if (answer.Refusal is { } refusal)
            response.Headers[RefusalHeader] = refusal;
        if (answer.EarlierMayCome)
            response.Headers[EarlierHeader] = "may-come";
        if (answer.RetryAfter is { } after)
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (answer.CorrelationId is { } id)
            response.Headers["X-HubSpot-Correlation-Id"] = id;
        if (answer.Body.Length > 0)
            await response.Body.WriteAsync(answer.Body, cancellation);
    }

    private static async Task ExplainAsync(HttpContext http, int status, string message)
    {
        http.Response.StatusCode = status;
        await http.Response.WriteAsJsonAsync(new { status = "error", message });
    }
}
