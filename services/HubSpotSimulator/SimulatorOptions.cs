namespace HubSpotBus.HubSpotSimulator;

/// <summary>How the simulated HubSpot behaves.</summary>
public sealed class SimulatorOptions
{
    public const string Section = "Simulator";

    public List<PortalOptions> Portals { get; set; } = [];

    public string ClientId { get; set; } = "hubspotbus-demo";

    public string ClientSecret { get; set; } = "hubspotbus-demo-secret";

    /// <summary>A static token of the first portal.</summary>
    public string StaticToken { get; set; } = "pat-sim-12345678";

    public int TokenLifetimeSeconds { get; set; } = 1800;

    /// <summary>Whether HubSpot's own limits answer 429.</summary>
    public bool EnforceLimits { get; set; } = true;

    /// <summary>Calls per 10 s of an OAuth app on one portal.</summary>
    public int OAuthCallsPerTenSeconds { get; set; } = 110;

    /// <summary>Calls per 10 s with a static token.</summary>
    public int StaticCallsPerTenSeconds { get; set; } = 190;

    public int SearchesPerSecond { get; set; } = 5;

    /// <summary>How long after a write search finds it.</summary>
    public TimeSpan SearchIndexDelay { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Time that each call takes at least.</summary>
    public int LatencyMilliseconds { get; set; }

    /// <summary>File that keeps the state over restarts; null keeps nothing.</summary>
    public string? DataFile { get; set; }
}

/// <summary>A simulated HubSpot account.</summary>
public sealed class PortalOptions
{
    public long Id { get; set; }

    public string Name { get; set; } = "";

    public string Currency { get; set; } = "USD";

    public List<string> AdditionalCurrencies { get; set; } = [];
}
