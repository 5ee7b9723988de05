using System.Collections.Concurrent;
using HubSpotBus.Auth.Egress.Limits;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Egress;

/// <summary>HubSpot's own limits. They count per app and account: subscriptions on one account share them.</summary>
public sealed class HubSpotLimits(IOptions<EgressOptions> options)
{
    // Calls of a static token in ten seconds: Free and Starter, the higher ones, and with HubSpot's limit increase.
    private static readonly int[] _tiers = [100, 190, 250];
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, LimitShare> _shares = new();
    private readonly ConcurrentDictionary<string, int> _told = new();

    public LimitShare Account(Guid subscriptionId, ConnectionView view)
    {
        var key = KeyOf(subscriptionId, view);
        // What was told before the account was known is about this one.
        if (view.HubSpotAccountId is not null && _told.TryRemove(KeyOf(subscriptionId, view with { HubSpotAccountId = null }), out var tier))
            _told.TryAdd(key, tier);
        return _shares.GetOrAdd(key, _ => new LimitShare(key, Most(key, view), _window));
    }

    public LimitShare Search(Guid subscriptionId, ConnectionView view) => _shares.GetOrAdd(
        $"search/{AccountOf(subscriptionId, view)}",
        key => new LimitShare(key, options.Value.SearchesPerSecond, TimeSpan.FromSeconds(1)));

    /// <summary>
    /// The first answer to a static token names the account's tier. From then on, as for OAuth apps, what HubSpot says is believed where it
    /// is less; a window shorter than ours is kept, of a longer one our part.
    /// </summary>
    public (int Calls, TimeSpan Length) Hear(LimitShare account, ConnectionView view, int said, TimeSpan? interval)
    {
        var theirs = interval ?? _window;
        if (view.IsStatic)
            _told.TryAdd(account.Key, _tiers.LastOrDefault(tier => tier <= said * (_window / theirs), _tiers[0]));
        var length = theirs < _window ? theirs : _window;
        return (Math.Max(1, (int)Math.Min(Most(account.Key, view) * (length / _window), said * (length / theirs))), length);
    }

    private int Most(string key, ConnectionView view) => view.IsStatic
        ? options.Value.StaticCallsPerTenSeconds ?? _told.GetValueOrDefault(key, _tiers[0])
        : options.Value.OAuthCallsPerTenSeconds;

    private static string KeyOf(Guid subscriptionId, ConnectionView view) => $"{(view.IsStatic ? "static" : "app")}/{AccountOf(subscriptionId, view)}";

    // Until the account is known, the subscription stands for it; two API URLs are two HubSpots.
    private static string AccountOf(Guid subscriptionId, ConnectionView view) =>
        view.HubSpotAccountId is { } account ? $"{view.ApiUrl.Authority}/{account}" : subscriptionId.ToString("N");
}
