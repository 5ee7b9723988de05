using HubSpotBus.Auth.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Connecting;

/// <summary>GET /internal/connections/{id}: how the connection stands, without anything secret.</summary>
public sealed record ConnectionStatus
{
    /// <summary>Connected, Moving, Misconfigured, Revoked or Disconnected.</summary>
    public required ConnectionState State { get; init; }

    /// <summary>Why it is not connected, and what to do.</summary>
    public string? Reason { get; init; }

    /// <summary>When it goes on by itself.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>State of the connecting saga: IdentifyingAccount, PreparingProperties, ResolvingCategories, PreparingMappings, AdoptingCustomers, AdoptingProducts, AdoptingTransactions, Ready or Failed.</summary>
    public string? Connecting { get; init; }

    /// <summary>What the saga met last.</summary>
    public string? ConnectingReason { get; init; }

    public required int Attempt { get; init; }

    public long? HubSpotAccountId { get; init; }

    /// <summary>True for a static token, false for OAuth.</summary>
    public required bool IsStatic { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Scopes that this installation asks for and that were not granted; of a static token nobody says.</summary>
    public IReadOnlyList<string> MissingScopes { get; init; } = [];

    /// <summary>Its last four characters.</summary>
    public string? Token { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? LastRefreshAt { get; init; }

    /// <summary>A grant of before is over here, and HubSpot has not taken it back yet; it is tried again.</summary>
    public bool ToBeRevoked { get; init; }
}

public static class ConnectionStatusEndpoint
{
    public static void MapConnectionStatus(this IEndpointRouteBuilder app) =>
        app.MapGet("/internal/connections/{subscriptionId:guid}", ReadAsync);

    private static async Task<IResult> ReadAsync(Guid subscriptionId, AuthDb db, TokenVault vault, IOptions<HubSpotAppOptions> app, CancellationToken cancellation)
    {
        var row = await db.Connections.AsNoTracking().SingleOrDefaultAsync(c => c.SubscriptionId == subscriptionId, cancellation);
        var saga = await db.Connecting.AsNoTracking().SingleOrDefaultAsync(s => s.CorrelationId == subscriptionId, cancellation);
        return Results.Ok(new ConnectionStatus
        {
            State = row?.State ?? ConnectionState.Disconnected,
            Reason = row?.Reason,
            Until = row?.Until,
            Connecting = saga?.CurrentState,
            ConnectingReason = saga?.Reason,
            Attempt = row?.Attempt ?? 0,
            HubSpotAccountId = row?.HubSpotAccountId,
            IsStatic = row?.IsStatic ?? false,
            Scopes = row?.Scopes?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [],
            MissingScopes = [.. app.Value.NotGranted(row?.Scopes).Where(s => s != "oauth" || row is { IsStatic: false })],
            Token = row?.AccessToken is { } locked && vault.TryOpen(locked) is { } token ? Mask(token.Reveal()) : null,
            ExpiresAt = row?.ExpiresAt,
            LastRefreshAt = row?.LastRefreshAt,
            ToBeRevoked = await db.GrantsToRevoke.AnyAsync(g => g.SubscriptionId == subscriptionId, cancellation),
        });
    }

    // A short token would give itself away with its end.
    private static string Mask(string token) => token.Length < 16 ? "••••" : $"••••{token[^4..]}";
}
