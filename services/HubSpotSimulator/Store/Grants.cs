namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>What a user allowed the app to do in one portal; known by its refresh token.</summary>
internal sealed record Grant(string RefreshToken, long PortalId, long UserId, string Email, IReadOnlyList<string> Scopes)
{
    /// <summary>In the place of a portal for a token of the app itself.</summary>
    public const long NoPortal = 0;
}

internal sealed record AccessToken(string Token, Grant Grant, DateTimeOffset ExpiresAt)
{
    public bool IsStatic { get; init; }
}

internal sealed record AuthCode(string Code, long PortalId, string Email, IReadOnlyList<string> Scopes, string RedirectUri,
    string CodeChallenge, DateTimeOffset ExpiresAt);

/// <summary>Codes, refresh tokens and access tokens of all portals.</summary>
internal sealed class Grants(SimulatorOptions options, TimeProvider time)
{
    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, AuthCode> _codes = [];
    private readonly Dictionary<string, Grant> _grants = [];
    private readonly Dictionary<string, AccessToken> _accessTokens = [];

    public string IssueCode(long portalId, string email, IReadOnlyList<string> scopes, string redirectUri, string codeChallenge)
    {
        var code = RandomId.Token("na1-");
        lock (_gate)
        {
            _codes[code] = new(code, portalId, email, scopes, redirectUri, codeChallenge, time.GetUtcNow() + CodeLifetime);
        }

        return code;
    }

    /// <summary>A code works once: it is gone, whatever comes of it.</summary>
    public AuthCode? TakeCode(string code)
    {
        lock (_gate)
        {
            return _codes.Remove(code, out var taken) && taken.ExpiresAt > time.GetUtcNow() ? taken : null;
        }
    }

    public Grant Grant(AuthCode code)
    {
        var grant = new Grant(RandomId.Token("na1-"), code.PortalId, 1000 + (code.Email.Length * 7), code.Email, code.Scopes);
        lock (_gate)
        {
            return _grants[grant.RefreshToken] = grant;
        }
    }

    public AccessToken Issue(Grant grant)
    {
        var token = new AccessToken(RandomId.Token("CL"), grant, time.GetUtcNow().AddSeconds(options.TokenLifetimeSeconds));
        lock (_gate)
        {
            foreach (var dead in _accessTokens.Values.Where(t => t.ExpiresAt < time.GetUtcNow().AddDays(-1)).ToList())
            {
                _accessTokens.Remove(dead.Token);
            }

            return _accessTokens[token.Token] = token;
        }
    }

    public Grant? FindGrant(string refreshToken)
    {
        lock (_gate)
        {
            return _grants.GetValueOrDefault(refreshToken);
        }
    }

    public AccessToken? FindAccess(string token)
    {
        if (token == options.StaticToken)
        {
            var portal = options.PortalsOrDefault()[0].Id;
            return new(token, new Grant("", portal, 1, "owner@example.com", ["*"]), DateTimeOffset.MaxValue) { IsStatic = true };
        }

        lock (_gate)
        {
            return _accessTokens.GetValueOrDefault(token);
        }
    }

    /// <summary>The portal of a code or token of any sort, dead or alive, as long as it is known.</summary>
    public long? PortalOf(string secret)
    {
        lock (_gate)
        {
            return FindAccess(secret)?.Grant.PortalId
                ?? _grants.GetValueOrDefault(secret)?.PortalId
                ?? _codes.GetValueOrDefault(secret)?.PortalId;
        }
    }

    /// <summary>Revoking a refresh token leaves the access tokens that exist.</summary>
    public void Revoke(string token)
    {
        lock (_gate)
        {
            _grants.Remove(token);
            _accessTokens.Remove(token);
        }
    }

    /// <summary>Uninstalling takes all tokens of the portal.</summary>
    public void Uninstall(long portalId)
    {
        lock (_gate)
        {
            foreach (var grant in _grants.Values.Where(g => g.PortalId == portalId).ToList())
            {
                _grants.Remove(grant.RefreshToken);
            }

            foreach (var token in _accessTokens.Values.Where(t => t.Grant.PortalId == portalId).ToList())
            {
                _accessTokens.Remove(token.Token);
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _codes.Clear();
            _grants.Clear();
            _accessTokens.Clear();
        }
    }

    public (IReadOnlyList<Grant> Grants, IReadOnlyList<AccessToken> AccessTokens) All()
    {
        lock (_gate)
        {
            return ([.. _grants.Values], [.. _accessTokens.Values]);
        }
    }

    public void Restore(IEnumerable<Grant> grants, IEnumerable<AccessToken> accessTokens)
    {
        lock (_gate)
        {
            foreach (var grant in grants)
            {
                _grants[grant.RefreshToken] = grant;
            }

            foreach (var token in accessTokens)
            {
                _accessTokens[token.Token] = token;
            }
        }
    }
}
