using HubSpotBus.HubSpotSimulator.Crm;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Limits;

/// <summary>HubSpot's own limits: per ten seconds, and for search per second, counted per portal and kind of token.</summary>
internal sealed class RateLimits(SimulatorOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<long>> _windows = [];

    public void Take(HttpContext context, Grant grant, string kind)
    {
        var isSearch = kind.EndsWith(".search", StringComparison.Ordinal);
        var exempt = isSearch || kind.StartsWith("associations.", StringComparison.Ordinal);
        if (isSearch && Left($"search/{grant.PortalId}", options.SearchesPerSecond, TimeSpan.FromSeconds(1)) < 0 && options.EnforceLimits)
            throw Errors.SearchLimit();
        if (exempt)
            return;
        var limit = grant.Kind == GrantKind.Static ? options.StaticCallsPerTenSeconds : options.OAuthCallsPerTenSeconds;
        var left = Left($"{grant.Kind}/{grant.PortalId}", limit, TimeSpan.FromSeconds(10));
        var headers = context.Response.Headers;
        headers["X-HubSpot-RateLimit-Max"] = limit.ToString();
        headers["X-HubSpot-RateLimit-Remaining"] = Math.Max(0, left).ToString();
        headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = "10000";
        if (left < 0 && options.EnforceLimits)
            throw Errors.TenSecondLimit();
    }

    private int Left(string key, int limit, TimeSpan window)
    {
        lock (_gate)
        {
            if (!_windows.TryGetValue(key, out var calls))
                _windows[key] = calls = [];
            while (calls.TryPeek(out var oldest) && time.GetElapsedTime(oldest) >= window)
                calls.Dequeue();
            if (calls.Count < limit)
                calls.Enqueue(time.GetTimestamp());
            else
                return -1;
            return limit - calls.Count;
        }
    }
}
