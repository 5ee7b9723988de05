namespace HubSpotBus.Auth.Connecting;

/// <summary>
/// A browser sent to HubSpot to approve. Its state works once, for ten minutes, and only in the session it was made in.
/// State, ticket and the session's secret are kept as hashes: who reads the table cannot finish anybody's connecting.
/// </summary>
public sealed class ConsentRequest
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public required string StateHash { get; init; }

    public required string TicketHash { get; init; }

    /// <summary>Of the secret that the browser carries for its session.</summary>
    public required string BrowserHash { get; init; }

    public required Guid SubscriptionId { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The HubSpot account that the operator confirmed the subscription may move to.</summary>
    public long? OtherAccount { get; init; }

    /// <summary>When its state was used. It is kept as long as its ticket is good, which works once, too.</summary>
    public DateTimeOffset? TakenAt { get; set; }

    /// <summary>The proof key's verifier, encrypted; null without PKCE.</summary>
    public string? Verifier { get; init; }

    public ConsentReply Judge(string? browserHash, DateTimeOffset now) => this switch
    {
        _ when browserHash != BrowserHash => ConsentReply.OtherBrowser,
        _ when ExpiresAt <= now => ConsentReply.Expired,
        _ => ConsentReply.Good,
    };
}

public enum ConsentReply
{
    Good,
    Expired,
    OtherBrowser,
}
