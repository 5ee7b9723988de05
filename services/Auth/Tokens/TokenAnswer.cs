using System.Text.Json;
using System.Text.Json.Serialization;
using HubSpotBus.Auth.Egress;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Tokens;

/// <summary>HubSpot's answer to a token request. Every member may be missing; older answers lack half of them.</summary>
public sealed record TokenAnswer
{
    private static readonly string[] _app = ["BAD_CLIENT_ID", "BAD_CLIENT_SECRET", "BAD_REDIRECT_URI", "BAD_SCOPES"];
    private static readonly string[] _dead = ["BAD_REFRESH_TOKEN", "BAD_AUTH_CODE", "BAD_HUB", "BAD_CODE_VERIFIER"];

    [JsonPropertyName("access_token")]
    public Secret? AccessToken { get; init; }

    [JsonPropertyName("refresh_token")]
    public Secret? RefreshToken { get; init; }

    [JsonPropertyName("expires_in")]
    public double? ExpiresIn { get; init; }

    [JsonPropertyName("hub_id")]
    public long? HubId { get; init; }

    [JsonPropertyName("scopes")]
    public IReadOnlyList<string>? Scopes { get; init; }

    [JsonPropertyName("status")]
    public string? Status { get; init; }

    [JsonPropertyName("error")]
    public string? Error { get; init; }

    [JsonPropertyName("error_description")]
    public string? ErrorDescription { get; init; }

    [JsonPropertyName("message")]
    public string? Message { get; init; }

    public static TokenOutcome Judge(Attempt attempt)
    {
        if (attempt.Status is 0 or 423 or 429 or 477 or >= 500)
            return new TokenOutcome.Unanswered(attempt.Describe());
        if (Read(attempt.Body) is not { } answer)
            return new TokenOutcome.Unanswered($"{attempt.Describe()} without a readable body");
        if (attempt.Status is >= 200 and < 300)
        {
            return answer is { AccessToken: { IsEmpty: false } token, ExpiresIn: > 0 and < 1e9 }
                ? new TokenOutcome.Granted(answer.Granted(token))
                : new TokenOutcome.Unanswered("HubSpot answered without an access token");
        }

        // The app first: HubSpot names wrong credentials in either field, and reconnecting would not help against them.
        var says = answer.Message ?? answer.ErrorDescription ?? answer.Error ?? answer.Status ?? attempt.Describe();
        if (_app.Contains(answer.Status) || answer.Error is "invalid_client" or "unauthorized_client" or "invalid_scope")
            return new TokenOutcome.AppRefused(says);
        if (_dead.Contains(answer.Status) || answer.Error is "invalid_grant" or "access_denied")
            return new TokenOutcome.GrantRefused(says);
        return new TokenOutcome.Unanswered(says);
    }

    /// <summary>The scopes that an answer of the token or introspection endpoint names; null when it names none.</summary>
    public static string? ScopesOf(Attempt attempt) =>
        attempt.Status == 200 && Read(attempt.Body) is { Scopes: { Count: > 0 } scopes } ? string.Join(' ', scopes) : null;

    private GrantedTokens Granted(Secret accessToken) => new()
    {
        AccessToken = accessToken,
        RefreshToken = RefreshToken,
        ExpiresIn = TimeSpan.FromSeconds(ExpiresIn!.Value),
        HubSpotAccountId = HubId,
        Scopes = Scopes is null ? null : string.Join(' ', Scopes),
    };

    private static TokenAnswer? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<TokenAnswer>(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
