namespace HubSpotBus.Auth.Connecting;

/// <summary>
/// A browser sent to HubSpot to approve. Its state works once, for ten minutes, and only from the browser it was made for.
/// State, ticket and browser are kept as hashes: who reads the table cannot finish anybody's connecting.
/// </summary>
public sealed class ConsentRequest
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public required string StateHash { get; init; }

    public required string TicketHash { get; init; }

    /// <summary>Of the secret of the session that it was begun in, or of the browser where nobody was signed in.</summary>
    public required string BrowserHash { get; init; }

    public required Guid SubscriptionId { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The HubSpot account that the operator confirmed the subscription may move to.</summary>
    public long? OtherAccount { get; init; }

    /// <summary>
    /// When its state was used. It is kept as long as its ticket is good: the ticket stays with this browser also after it was used.
    /// </summary>
    public DateTimeOffset? TakenAt { get; set; }

    /// <summary>The proof key's verifier, encrypted; null without PKCE.</summary>
    public string? Verifier { get; init; }

    public ConsentReply Judge(IReadOnlyList<string> browserHashes, DateTimeOffset now) => this switch
    {
        _ when !browserHashes.Contains(BrowserHash) => ConsentReply.OtherBrowser,
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
