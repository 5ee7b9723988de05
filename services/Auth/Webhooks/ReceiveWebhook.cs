using HubSpotBus.Auth.HubSpotApp;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.ServiceDefaults;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Webhooks;

/// <summary>
/// POST /webhooks/hubspot: HubSpot tells what changed. Looked at, stored and answered; what it means is sorted out afterwards. Whoever
/// sends something else learns nothing: what was wrong stands in the log alone.
/// </summary>
public static partial class ReceiveWebhook
{
    public const string Path = "/webhooks/hubspot";
    private const int LargestBody = 1024 * 1024;

    public static void MapReceiveWebhook(this IEndpointRouteBuilder app) => app.MapPost(Path, ReceiveAsync);

    /// <summary>The address to enter in the app's settings at HubSpot.</summary>
    public static Uri UrlOf(HubSpotAppOptions app, HttpRequest request) => new(app.BaseUrl(request), Path.TrimStart('/'));

    private static async Task<IResult> ReceiveAsync(
        HttpContext http, WebhookIntake intake, WebhookMeter meter, AppCredentials credentials, IOptions<HubSpotAppOptions> app,
        IOptions<WebhookOptions> options, TimeProvider time, ILogger<WebhookIntake> log, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var (known, credential) = await credentials.FindForWebhookAsync(cancellation);
        var taken = time.GetElapsedTime(began);
        var (status, problem) = known
            ? await TakeAsync(http, intake, meter, credential?.ClientSecret, app.Value, options.Value, time, taken, cancellation)
            : (503, "the HubSpot app could not be read from the store in time; HubSpot sends it again");
        meter.Answered(status);
        if (problem is not null)
            Refused(log, status, problem);
        return Results.StatusCode(status);
    }

    private static async Task<(int Status, string? Problem)> TakeAsync(
        HttpContext http, WebhookIntake intake, WebhookMeter meter, Secret? secret, HubSpotAppOptions app, WebhookOptions options,
        TimeProvider time, TimeSpan taken, CancellationToken cancellation)
    {
        var request = http.Request;
        if (secret is not { IsEmpty: false })
            return (401, "this installation has no HubSpot app, so nothing can be signed with its secret (docs/hubspot-app.md)");
        if (!request.HasJsonContentType() || request.Headers.ContentEncoding.Count > 0)
            return (415, "it is not plain JSON");
        if (await BodyAsync(http, cancellation) is not { } body)
            return (413, "its body is larger than 1 MB");
        if (Signed(app, request, body).Problem(secret, time.GetUtcNow(), options.AcceptOldSignatures) is { } unsigned)
            return (401, unsigned);
        if (WebhookBody.Read(body) is not var (events, notUnderstood))
            return (400, "its body is no array of events");
        meter.NotUnderstood(notUnderstood);
        if (events.Count > 0 && !await intake.TakeAsync(events, taken))
            return (503, "its events could not be stored in time; HubSpot sends them again");
        return (200, notUnderstood > 0 ? $"{notUnderstood} of its events are of a kind that is not known here, and were left out" : null);
    }

    private static SignedRequest Signed(HubSpotAppOptions app, HttpRequest request, byte[] body) => new()
    {
        Method = request.Method,
        Url = UrlOf(app, request).AbsoluteUri + request.QueryString,
        Body = body,
        V3 = Header(request, SignedRequest.V3Header),
        Timestamp = Header(request, SignedRequest.TimestampHeader),
        Old = Header(request, SignedRequest.OldHeader),
        OldVersion = Header(request, SignedRequest.OldVersionHeader),
    };

    private static string? Header(HttpRequest request, string name) =>
        request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    private static async Task<byte[]?> BodyAsync(HttpContext http, CancellationToken cancellation)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null; // counted below, so that the refusal is ours on every server
        if (http.Request.ContentLength > LargestBody)
            return null;
        using var memory = new MemoryStream((int)(http.Request.ContentLength ?? 0));
        var buffer = new byte[16 * 1024];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, cancellation)) > 0;)
        {
            if (memory.Length + read > LargestBody)
                return null;
            memory.Write(buffer, 0, read);
        }

        return memory.ToArray();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A webhook was answered with {Status}: {Problem}")]
    private static partial void Refused(ILogger log, int status, string problem);
}
