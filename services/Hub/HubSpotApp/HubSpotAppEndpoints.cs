using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.Subscriptions;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Hub.HubSpotApp;

/// <summary>What the HubSpot app of this installation has to be like, and whether there is one.</summary>
public sealed record HubSpotAppView
{
    /// <summary>To be registered with the app, exactly so.</summary>
    public required Uri RedirectUrl { get; init; }

    /// <summary>Where HubSpot is to send webhooks.</summary>
    public required Uri WebhookUrl { get; init; }

    /// <summary>Scopes that the app has to require.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>None, Configuration (which wins) or Stored.</summary>
    public required string Source { get; init; }

    public string? ClientId { get; init; }

    /// <summary>What will not work like this, and what to do.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>Client id and secret, as the app's Auth page in HubSpot shows them.</summary>
public sealed record HubSpotAppRequest
{
    public required string ClientId { get; init; }

    public required string ClientSecret { get; init; }
}

/// <summary>What HubSpot says to client id and secret.</summary>
public sealed record HubSpotAppVerdict(bool Accepted, string Says);

/// <summary>Sets up the HubSpot app. Everybody with a key may look, the administrator changes.</summary>
internal static class HubSpotAppEndpoints
{
    public const string ZipName = "hubspotbus-app.zip";
    private const string InAuth = "/internal/hubspot-app";

    public static void MapHubSpotApp(this RouteGroupBuilder api)
    {
        api.MapGet("/hubspot-app", ShowAsync).Produces<HubSpotAppView>().ProducesProblem(503);
        api.MapGet("/hubspot-app/project", ZipAsync).Produces(200, contentType: "application/zip").ProducesProblem(503);
        api.MapPut("/hubspot-app", StoreAsync).Accepts<HubSpotAppRequest>("application/json")
            .Produces(204).ProducesProblem(403).ProducesProblem(409).ProducesValidationProblem();
        api.MapDelete("/hubspot-app", ForgetAsync).Produces(204).ProducesProblem(403).ProducesProblem(409);
        api.MapPost("/hubspot-app/test", TestAsync).Produces<HubSpotAppVerdict>().ProducesProblem(403).ProducesProblem(409);
    }

    /// <summary>The app as Auth knows it; null when Auth cannot be asked.</summary>
    public static Task<HubSpotAppView?> ReadAsync(AuthClient auth, HubOptions hub, HttpRequest request, CancellationToken cancellationToken) =>
        auth.ReadAsync<HubSpotAppView>($"{InAuth}?root={Root(hub, request)}", cancellationToken);

    /// <summary>Null when it was stored; the refusal otherwise.</summary>
    public static Task<IResult?> RefusalToStoreAsync(
        AuthClient auth, HubOptions hub, HttpRequest request, HubSpotAppRequest entry, CancellationToken cancellationToken) =>
        auth.RefusalAsync(HttpMethod.Put, InAuth, new { entry.ClientId, entry.ClientSecret, Root = hub.RootOf(request) }, cancellationToken);

    private static async Task<IResult> ShowAsync(AuthClient auth, IOptions<HubOptions> hub, HttpRequest request, CancellationToken cancellationToken) =>
        await ReadAsync(auth, hub.Value, request, cancellationToken) is { } app ? Results.Ok(app) : AuthClient.NotReached();

    /// <summary>The files of a HubSpot developer project that makes the app; nothing in them is secret.</summary>
    internal static async Task<IResult> ZipAsync(AuthClient auth, IOptions<HubOptions> hub, HttpRequest request, CancellationToken cancellationToken) =>
        await ReadAsync(auth, hub.Value, request, cancellationToken) is { } app
            ? Results.File(ProjectFiles.Zip(app), "application/zip", ZipName)
            : AuthClient.NotReached();

    private static async Task<IResult> StoreAsync(
        AuthClient auth, IOptions<HubOptions> hub, HttpRequest request, CancellationToken cancellationToken)
    {
        if (!IsAdmin(request))
            return Refusals.Forbidden();
        var errors = new Errors();
        var entry = await JsonBody.ReadAsync<HubSpotAppRequest>(request, errors);
        return errors.Any ? Refusals.Fields(errors) : await RefusalToStoreAsync(auth, hub.Value, request, entry!, cancellationToken) ?? Results.NoContent();
    }

    private static async Task<IResult> ForgetAsync(AuthClient auth, HttpRequest request, CancellationToken cancellationToken) => IsAdmin(request)
        ? await auth.RefusalAsync(HttpMethod.Delete, InAuth, null, cancellationToken) ?? Results.NoContent()
        : Refusals.Forbidden();

    private static async Task<IResult> TestAsync(AuthClient auth, IOptions<HubOptions> hub, HttpRequest request, CancellationToken cancellationToken) =>
        IsAdmin(request)
            ? await auth.AskAsync<HubSpotAppVerdict>(HttpMethod.Post, $"{InAuth}/test?root={Root(hub.Value, request)}", cancellationToken)
            : Refusals.Forbidden();

    private static bool IsAdmin(HttpRequest request) => Caller.Of(request.HttpContext).CompanyId is null;

    private static string Root(HubOptions hub, HttpRequest request) => Uri.EscapeDataString(hub.RootOf(request).AbsoluteUri);
}
