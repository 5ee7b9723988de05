using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>All that the simulated HubSpot knows: portals, codes and tokens.</summary>
public sealed class SimulatorStore
{
    private readonly SimulatorOptions _options;
    private SimulatorState _state;

    public SimulatorStore(SimulatorOptions options)
    {
        _options = options;
        _state = Fresh();
    }

    public IEnumerable<Portal> Portals => _state.Portals.Values.OrderBy(p => p.Id);

    internal ConcurrentDictionary<string, Grant> Codes => _state.Codes;

    internal ConcurrentDictionary<string, Grant> Tokens => _state.Tokens;

    public Portal Portal(long id) => _state.Portals[id];

    public static string NewSecret(string prefix) => $"{prefix}-{Convert.ToHexString(RandomNumberGenerator.GetBytes(24)).ToLowerInvariant()}";

    /// <summary>The portal and scopes behind a token; a static token may do everything and never expires.</summary>
    internal Grant? GrantOf(string token) =>
        token == _options.StaticToken && !_state.Portals.IsEmpty
            ? new Grant { PortalId = Portals.First().Id, Kind = GrantKind.Static, Scopes = [] }
            : _state.Tokens.GetValueOrDefault(token);

    public void Reset() => _state = Fresh();

    internal SimulatorState State => _state;

    internal void Restore(SimulatorState state)
    {
        foreach (var portal in state.Portals.Values)
            portal.Reindex();
        _state = state;
    }

    private SimulatorState Fresh()
    {
        var portals = _options.Portals.Count > 0
            ? _options.Portals
            : [new PortalOptions { Id = 12345678, Name = "Northwind Traders" }, new PortalOptions { Id = 87654321, Name = "Test account" }];
        var state = new SimulatorState();
        foreach (var portal in portals)
            state.Portals[portal.Id] = Store.Portal.New(portal);
        return state;
    }
}

/// <summary>The state as it is kept in the file.</summary>
internal sealed class SimulatorState
{
    public ConcurrentDictionary<long, Portal> Portals { get; init; } = [];

    public ConcurrentDictionary<string, Grant> Codes { get; init; } = [];

    public ConcurrentDictionary<string, Grant> Tokens { get; init; } = [];
}

public enum GrantKind
{
    Code,
    Access,
    Refresh,
    Static,
}

/// <summary>What a code or token is good for.</summary>
public sealed class Grant
{
    public required long PortalId { get; init; }

    public required GrantKind Kind { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public string RedirectUri { get; init; } = "";

    /// <summary>The refresh token that an access token came with.</summary>
    public string RefreshToken { get; init; } = "";

    public DateTimeOffset? ExpiresAt { get; init; }
}
