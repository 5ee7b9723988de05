using HubSpotBus.Auth.Egress;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Connecting;

/// <summary>PUT /internal/connections/{id}/token: connects with a static token (service key or private app) instead of OAuth.</summary>
public static class ConnectWithToken
{
    public static void MapConnectWithToken(this IEndpointRouteBuilder app) =>
        app.MapPut("/internal/connections/{subscriptionId:guid}/token", ConnectAsync);

    private static async Task<IResult> ConnectAsync(
        Guid subscriptionId, StaticToken body, AuthDb db, LiveConnections connections, AuthoriseConnection authorise, TimeProvider time,
        CancellationToken cancellation)
    {
        var token = body.Token?.Reveal().Trim() ?? "";
        if (token.Length is 0 or > 2000 || token.Any(c => c is <= ' ' or > '~'))
            return Results.Problem("This is not a HubSpot token: it is one word of letters, digits and dashes.", statusCode: 400);
        if (await BeginConnecting.SettingsAsync(db, subscriptionId, time, cancellation) is null
            || await connections.FindAsync(subscriptionId, cancellation) is not { } connection)
            return Results.Problem("The subscription is not known here yet. Try again in a moment.", statusCode: 409);
        if (!connection.View.ApiUrlAllowed)
            return Results.Problem(connection.View.Refusal(default), statusCode: 409);
        return (await authorise.WithStaticTokenAsync(subscriptionId, token, body.OtherAccount, cancellation)).StillConnected
            ? Results.Problem(AuthoriseConnection.StillConnected, statusCode: 409)
            : Results.NoContent();
    }

    public sealed record StaticToken
    {
        public Secret? Token { get; init; }

        /// <summary>The HubSpot account that the subscription may move to.</summary>
        public long? OtherAccount { get; init; }
    }
}
