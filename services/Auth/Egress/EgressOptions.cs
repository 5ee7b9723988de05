using System.ComponentModel.DataAnnotations;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Egress;

public sealed class EgressOptions
{
    public const string Section = "Egress";

    /// <summary>The key that services of this installation share: calls about a subscription show one derived from it. Also signs connect tickets.</summary>
    public Secret ServiceKey { get; set; } = "";

    /// <summary>
    /// How long a call waits for its permit before the caller is told to come back later: four times the longest window, for at five calls
    /// per minute twenty are before it soon.
    /// </summary>
    [Range(1, 300)]
    public int PatienceSeconds { get; set; } = 240;

    /// <summary>How long HubSpot has to answer; it gives up itself after 100 s.</summary>
    [Range(1, 600)]
    public int HubSpotTimeoutSeconds { get; set; } = 100;

    /// <summary>Tries of a call that may be repeated, the first included.</summary>
    [Range(1, 10)]
    public int Attempts { get; set; } = 4;

    /// <summary>
    /// No repetition begins later than this after the call came: with a full wait for the permit and HubSpot's full time, the caller
    /// (who waits ten minutes) still gets an answer.
    /// </summary>
    [Range(0, 600)]
    public int RetryForSeconds { get; set; } = 25;

    /// <summary>The first pause before a repetition; the following ones grow.</summary>
    [Range(1, 60_000)]
    public int RetryDelayMilliseconds { get; set; } = 500;

    /// <summary>HubSpot's limit for an OAuth app in one account, per 10 s.</summary>
    [Range(1, 10_000)]
    public int OAuthCallsPerTenSeconds { get; set; } = 110;

    /// <summary>
    /// The limit for a static token in one account, per 10 s, such as its part where others call with tokens, too. Null: HubSpot's for the
    /// lowest tier of accounts, until the first answer names the account's.
    /// </summary>
    [Range(1, 10_000)]
    public int? StaticCallsPerTenSeconds { get; set; }

    /// <summary>HubSpot's limit of searches in one account.</summary>
    [Range(1, 1_000)]
    public int SearchesPerSecond { get; set; } = 5;
}
