using System.ComponentModel.DataAnnotations;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.HubSpotSimulator.Webhooks;

namespace HubSpotBus.HubSpotSimulator;

public sealed class SimulatorOptions
{
    public const string Section = "Simulator";

    /// <summary>None given: Northwind Traders and a test account.</summary>
    public IList<PortalOptions> Portals { get; set; } = [];

    [Required]
    public string ClientId { get; set; } = "hubspotbus-demo";

    [Required]
    public string ClientSecret { get; set; } = "hubspotbus-demo-secret";

    /// <summary>Opens the management of the app's webhooks, as <c>hapikey</c> in the query.</summary>
    [Required]
    public string DeveloperKey { get; set; } = "dev-sim-1234444";

    /// <summary>Where the app may send users back to; none given: wherever HubSpot lets an app register.</summary>
    public IList<string> RedirectUris { get; set; } = [];

    /// <summary>Scopes that the app marks as required: an authorization has to ask for all of them.</summary>
    public IList<string> RequiredScopes { get; set; } = [];

    /// <summary>A token that never expires, for the first portal, with every scope.</summary>
    [Required]
    public string StaticToken { get; set; } = "pat-sim-12345678";

    [Range(1, int.MaxValue)]
    public int TokenLifetimeSeconds { get; set; } = 1800;

    public bool EnforceLimits { get; set; } = true;

    /// <summary>Calls of an OAuth app in ten seconds, per portal.</summary>
    [Range(1, int.MaxValue)]
    public int OAuthCallsPerTenSeconds { get; set; } = 110;

    /// <summary>Calls with a static token in ten seconds, per portal.</summary>
    [Range(1, int.MaxValue)]
    public int StaticCallsPerTenSeconds { get; set; } = 190;

    /// <summary>Batches and labels of associations in ten seconds, per portal: 100, 150 or 200, as the account has paid for.</summary>
    [Range(1, int.MaxValue)]
    public int AssociationCallsPerTenSeconds { get; set; } = 150;

    [Range(1, int.MaxValue)]
    public int StaticCallsPerDay { get; set; } = 625_000;

    [Range(1, int.MaxValue)]
    public int SearchesPerSecond { get; set; } = 5;

    /// <summary>What the revocation of a token answers.</summary>
    [Range(200, 204)]
    public int RevokeStatus { get; set; } = 204;

    /// <summary>The word of a refusal for a wrong client id or secret; without it, BAD_CLIENT_ID and BAD_CLIENT_SECRET.</summary>
    public string? BadClient { get; set; }

    /// <summary>OAuth's refusals lack error and its description, and word a dead refresh token as they did.</summary>
    public bool OlderOAuthErrors { get; set; }

    /// <summary>A token that never was is refused as one that expired in 1970.</summary>
    public bool UnknownTokensAreExpired { get; set; }

    /// <summary>The authorize page and the token endpoint pass over PKCE.</summary>
    public bool IgnoresProofKeys { get; set; }

    /// <summary>How long a write takes to show up in searches.</summary>
    public TimeSpan SearchIndexDelay { get; set; } = TimeSpan.FromSeconds(3);

    [Range(0, int.MaxValue)]
    public int LatencyMilliseconds { get; set; }

    public WebhookSettings Webhooks { get; set; } = new();

    /// <summary>Where the whole state is kept; without it, state lives in memory only.</summary>
    public string? DataFile { get; set; }

    internal IReadOnlyList<PortalOptions> PortalsOrDefault() => Portals is { Count: > 0 }
        ? [.. Portals]
        :
        [
            new() { Id = 12345678, Name = "Northwind Traders" },
            new() { Id = 87654321, Name = "Test account" },
            new() { Id = 23456789, Name = "Corner Shop", AdditionalCurrencies = ["EUR"] },
        ];
}

public sealed class PortalOptions
{
    public long Id { get; set; }

    public string Name { get; set; } = "";

    /// <summary>Where the account's day begins at midnight; a name of the time zone database.</summary>
    public string TimeZone { get; set; } = "US/Eastern";

    public string Currency { get; set; } = "USD";

    /// <summary>Deals, orders and line items take the account's currencies only.</summary>
    public IList<string> AdditionalCurrencies { get; set; } = [];

    /// <summary>Where this account differs from others; settable later, too.</summary>
    public PortalSwitches Switches { get; set; } = new();
}
