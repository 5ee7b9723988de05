using System.Text.Json.Serialization;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Auth.Webhooks;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.HubSpotApp;

/// <summary>GET /internal/hubspot-app?root=...: what the HubSpot app of this installation has to be like, and whether there is one.</summary>
public sealed record HubSpotAppStatus
{
    /// <summary>To be registered with the app, exactly so.</summary>
    public required Uri RedirectUrl { get; init; }

    /// <summary>Where HubSpot is to send webhooks.</summary>
    public required Uri WebhookUrl { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required AppSource Source { get; init; }

    public string? ClientId { get; init; }

    /// <summary>What will not work like this, and what to do.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

public static class ShowApp
{
    private const string SecretLost =
        "The stored client secret cannot be decrypted: the keys of this installation are not those it was encrypted with. "
        + "Restore the keys folder, or enter client id and client secret again.";

    public static void MapShowApp(this IEndpointRouteBuilder app) => app.MapGet("/internal/hubspot-app", ShowAsync);

    public static IReadOnlyList<string> Warnings(Uri publicUrl, bool isConfigured = true) => publicUrl.Scheme == Uri.UriSchemeHttps
        ? isConfigured || publicUrl.IsLoopback ? [] : [$"Nobody can connect under {publicUrl} until HubSpotApp:PublicUrl says that it is this installation's address."]
        : publicUrl.IsLoopback
            ? ["HubSpot reaches no webhook address on this computer. It tells this installation of no changes made there."]
            : [$"The public address {publicUrl} is not https. HubSpot sends browsers and webhooks to https addresses only (browsers to http on "
                + "localhost, too). Put TLS in front and set HubSpotApp:PublicUrl."];

    private static async Task<IResult> ShowAsync(
        Uri? root, HttpRequest request, AppCredentials credentials, IOptions<HubSpotAppOptions> options, CancellationToken cancellation)
    {
        var app = options.Value;
        var publicUrl = app.BaseUrl(request, root);
        var warnings = Warnings(publicUrl, app.PublicUrl is not null);
        var credential = await credentials.FindAsync(cancellation);
        return Results.Json(new HubSpotAppStatus
        {
            RedirectUrl = new Uri(publicUrl, "oauth/callback"),
            WebhookUrl = new Uri(publicUrl, ReceiveWebhook.Path.TrimStart('/')),
            Scopes = app.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Source = credential?.Source ?? AppSource.None,
            ClientId = credential?.ClientId,
            Warnings = credentials.AreLost ? [SecretLost, .. warnings] : warnings,
        }, Json);
    }

    private static readonly System.Text.Json.JsonSerializerOptions Json = new(System.Text.Json.JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };
}
