using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Egress.Limits;
using MassTransit;
using Microsoft.Extensions.Time.Testing;

namespace HubSpotBus.Auth.Tests.Egress;

/// <summary>A replica's throttle; the limits that it shares with others are a dictionary instead of rows.</summary>
internal sealed class AReplica
{
    private readonly FakeTimeProvider _time;
    private readonly Dictionary<string, SharedLimit> _limits;
    private readonly Guid _id = NewId.NextGuid();

    public AReplica(FakeTimeProvider time, Dictionary<string, SharedLimit> limits, CancellationToken cancellation)
    {
        (_time, _limits, Throttle) = (time, limits, new Throttle(time));
        _ = AskWhenNeededAsync(cancellation);
    }

    public Throttle Throttle { get; }

    public static CallLine ALine(string subscription, int limit, int seconds = 10, int atOnce = 100)
    {
        var line = new CallLine(
            new LimitShare($"own/{subscription}", limit, TimeSpan.FromSeconds(seconds)),
            new LimitShare($"account/{subscription}", 1_000_000, TimeSpan.FromSeconds(10)),
            new LimitShare($"search/{subscription}", 1_000_000, TimeSpan.FromSeconds(1)));
        line.Own.Set(limit, TimeSpan.FromSeconds(seconds), atOnce);
        return line;
    }

    public int Used(LimitShare share)
    {
        lock (_limits)
            return _limits[share.Key].UsedAt(share.Length, _time.GetUtcNow());
    }

    public void Advance(TimeSpan time)
    {
        Ask();
        _time.Advance(time);
        Ask();
    }

    /// <summary>Tells and asks what is due.</summary>
    public void Ask()
    {
        lock (_limits)
        {
            while (Throttle.Ask() is { Claims.Count: > 0 } asking)
                Throttle.Take(asking, asking.Claims.ToDictionary(c => c.Claim.Key, c => Hear(c.Claim)));
        }
    }

    private Allotment Hear(Claim claim)
    {
        if (!_limits.TryGetValue(claim.Key, out var limit))
            _limits[claim.Key] = limit = new SharedLimit();
        return limit.Hear(_id, claim, _time.GetUtcNow());
    }

    private async Task AskWhenNeededAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await Throttle.AskedAsync.WaitAsync(cancellation);
            Ask();
        }
    }
}
