using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Limits;

/// <summary>HubSpot's limits: calls in ten seconds, those of associations apart, searches a second and, for static tokens, calls a day of the account's time.</summary>
internal sealed class RateLimits(SimulatorOptions options, TimeProvider time)
{
    private const string TenSecondlyLimit = "You have reached your ten_secondly_rolling limit.";

    private static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(long PortalId, string Window), SlidingWindow> _windows = [];
    private readonly ConcurrentDictionary<(long PortalId, DateOnly Day), int> _days = [];

    /// <summary>Counts a call or refuses it with 429. Searches and association batches are outside the ten-second rule and have one of their own.</summary>
    public void Count(ApiCall call, LimitRule rule, IHeaderDictionary headers)
    {
        var portal = call.Portal.Id;
        if (call.Access!.IsStatic)
        {
            // Searches count, though their answers do not tell how many are left.
            CountToday(call, rule == LimitRule.Search ? null : headers);
        }

        if (rule == LimitRule.Search)
        {
            if (!Window(portal, "search", TimeSpan.FromSeconds(1)).TryTake(options.SearchesPerSecond, Enforced, out _))
            {
                const string message = "You have reached your secondly limit.";
                throw call.Portal.Switches.SearchLimitNamesPolicy
                    ? TooMany(message, "SECONDLY", RetryAfter(call, 1))
                    : new Refusal(429, Refusal.Of(429, "RATE_LIMITS", message).Body) { RetryAfterSeconds = RetryAfter(call, 1) };
            }

            return;
        }

        if (rule == LimitRule.Associations)
        {
            if (!Window(portal, "associations", TenSeconds).TryTake(options.AssociationCallsPerTenSeconds, Enforced, out _))
            {
                throw TooMany(TenSecondlyLimit, "TEN_SECONDLY_ROLLING", RetryAfter(call, 10));
            }
        }
        else
        {
            var (window, limit) = call.Access.IsStatic
                ? ("static", options.StaticCallsPerTenSeconds)
                : ("oauth", options.OAuthCallsPerTenSeconds);
            var taken = Window(portal, window, TenSeconds).TryTake(limit, Enforced, out var remaining);
            headers["X-HubSpot-RateLimit-Max"] = limit.ToString();
            headers["X-HubSpot-RateLimit-Remaining"] = remaining.ToString();
            headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = "10000";
            headers["X-HubSpot-RateLimit-Secondly"] = (limit / 10).ToString();
            headers["X-HubSpot-RateLimit-Secondly-Remaining"] = Math.Min(limit / 10, remaining).ToString();
            if (!taken)
            {
                throw TooMany(TenSecondlyLimit, "TEN_SECONDLY_ROLLING", RetryAfter(call, 10));
            }
        }
    }

    /// <summary>Calls with static tokens since the account's midnight.</summary>
    public int Today(Portal portal) => _days.GetValueOrDefault((portal.Id, Day(portal, time.GetUtcNow())));

    public void Clear()
    {
        _windows.Clear();
        _days.Clear();
    }

    private int Enforced(int limit) => options.EnforceLimits ? limit : int.MaxValue;

    private SlidingWindow Window(long portal, string name, TimeSpan length) =>
        _windows.GetOrAdd((portal, name), _ => new SlidingWindow(length, time));

    private void CountToday(ApiCall call, IHeaderDictionary? headers)
    {
        var now = time.GetUtcNow();
        var used = _days.AddOrUpdate((call.Portal.Id, Day(call.Portal, now)), 1, (_, n) => n + 1);
        if (headers is not null)
        {
            headers["X-HubSpot-RateLimit-Daily"] = options.StaticCallsPerDay.ToString();
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = Math.Max(0, options.StaticCallsPerDay - used).ToString();
        }

        if (options.EnforceLimits && used > options.StaticCallsPerDay)
        {
            var tomorrow = (int)Math.Ceiling((call.Portal.NextMidnight(now) - now).TotalSeconds);
            throw TooMany("You have reached your daily limit.", "DAILY", RetryAfter(call, tomorrow));
        }
    }

    private static DateOnly Day(Portal portal, DateTimeOffset now) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, portal.TimeZone).DateTime);

    /// <summary>Not documented, so only where the account's switch says so.</summary>
    private static int? RetryAfter(ApiCall call, int seconds) => call.Portal.Switches.RetryAfterOn429 ? seconds : null;

    private static Refusal TooMany(string message, string policy, int? retryAfter) => new(429, new JsonObject
    {
        ["status"] = "error",
        ["message"] = message,
        ["errorType"] = "RATE_LIMIT",
        ["correlationId"] = null,
        ["policyName"] = policy,
    })
    {
        RetryAfterSeconds = retryAfter,
    };
}
