using HubSpotBus.Auth.Tokens;
using HubSpotBus.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.HubSpotApp;

/// <summary>
/// PUT /internal/hubspot-app: tests client id and secret and stores them. DELETE forgets them. POST …/test tests those in use.
/// </summary>
public static partial class StoreApp
{
    private const string Configured =
        "Client id and secret are in the configuration (HubSpotApp:ClientId, HubSpotApp:ClientSecret), and that is what is used. Change them there.";

    public static void MapStoreApp(this IEndpointRouteBuilder app)
    {
        app.MapPut("/internal/hubspot-app", StoreAsync);
        app.MapDelete("/internal/hubspot-app", ForgetAsync);
        app.MapPost("/internal/hubspot-app/test", TestAsync);
    }

    private static async Task<IResult> StoreAsync(
        AppEntry entry, HttpRequest request, AuthDb db, AppCredentials credentials, TestApp test, TokenVault vault,
        IOptions<HubSpotAppOptions> options, TimeProvider time, ILogger<StoredApp> log, CancellationToken cancellation)
    {
        if (options.Value.HasApp)
            return Results.Problem(Configured, statusCode: 409);
        var (clientId, secret) = (entry.ClientId?.Trim() ?? "", new Secret(entry.ClientSecret?.Reveal().Trim() ?? ""));
        if (!IsOneWord(clientId) || !IsOneWord(secret.Reveal()))
            return Results.Problem("Client id and client secret are one word each, at most 200 characters long.", statusCode: 400);
        var verdict = await test.AskAsync(clientId, secret, RedirectUrl(options.Value, request, entry.Root), cancellation);
        if (!verdict.Accepted)
            return Results.Problem(verdict.Says, statusCode: verdict.Unknown ? 503 : 409);

        var row = await db.StoredApps.SingleOrDefaultAsync(cancellation)
            ?? db.StoredApps.Add(new StoredApp { ClientId = clientId, ClientSecret = "" }).Entity;
        (row.ClientId, row.ClientSecret, row.StoredAt) = (clientId, vault.Lock(secret), time.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException failure) when (StoreFailures.IsConflict(failure))
        {
            return Results.Problem("Somebody stored an app at the same moment. Look at it, and try again.", statusCode: 409);
        }

        await credentials.ReadAsync(cancellation);
        Stored(log, clientId);
        return Results.NoContent();
    }

    private static async Task<IResult> ForgetAsync(
        AuthDb db, AppCredentials credentials, IOptions<HubSpotAppOptions> options, CancellationToken cancellation)
    {
        if (options.Value.HasApp)
            return Results.Problem(Configured, statusCode: 409);
        await db.StoredApps.ExecuteDeleteAsync(cancellation);
        await credentials.ReadAsync(cancellation);
        return Results.NoContent();
    }

    private static async Task<IResult> TestAsync(
        Uri? root, HttpRequest request, AppCredentials credentials, TestApp test, IOptions<HubSpotAppOptions> options, CancellationToken cancellation) =>
        await credentials.FindAsync(cancellation) is { } app
            ? Results.Ok(await test.AskAsync(app.ClientId, app.ClientSecret, RedirectUrl(options.Value, request, root), cancellation))
            : Results.Problem("There is no client id and secret to test yet.", statusCode: 409);

    private static Uri RedirectUrl(HubSpotAppOptions app, HttpRequest request, Uri? root) => new(app.BaseUrl(request, root), "oauth/callback");

    private static bool IsOneWord(string text) => text.Length is > 0 and <= 200 && text.All(c => c is > ' ' and <= '~');

    [LoggerMessage(Level = LogLevel.Information, Message = "HubSpot app {ClientId} stored")]
    private static partial void Stored(ILogger log, string clientId);

    public sealed record AppEntry
    {
        public string? ClientId { get; init; }

        public Secret? ClientSecret { get; init; }

        /// <summary>The public address as the portal's user sees it; used unless HubSpotApp:PublicUrl is set.</summary>
        public Uri? Root { get; init; }
    }
}
