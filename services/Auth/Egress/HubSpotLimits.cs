using System.Collections.Concurrent;
using HubSpotBus.Auth.Egress.Limits;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Egress;

/// <summary>HubSpot's own limits. They count per app and account: subscriptions on one account share them.</summary>
public sealed class HubSpotLimits(IOptions<EgressOptions> options)
{
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, LimitShare> _shares = new();

    public LimitShare Account(Guid subscriptionId, ConnectionView view) => _shares.GetOrAdd(
        $"{(view.IsStatic ? "static" : "app")}/{AccountOf(subscriptionId, view)}",
        key => new LimitShare(key, Configured(view), _window));

    public LimitShare Search(Guid subscriptionId, ConnectionView view) => _shares.GetOrAdd(
        $"search/{AccountOf(subscriptionId, view)}",
        key => new LimitShare(key, options.Value.SearchesPerSecond, TimeSpan.FromSeconds(1)));

    /// <summary>What HubSpot says is believed where it is less than what is configured; a window shorter than ours is kept, of a longer one our part.</summary>
    public (int Calls, TimeSpan Length) Lower(ConnectionView view, int said, TimeSpan? interval)
    {
        var theirs = interval ?? _window;
        var length = theirs < _window ? theirs : _window;
        return (Math.Max(1, (int)Math.Min(Configured(view) * (length / _window), said * (length / theirs))), length);
    }

    private int Configured(ConnectionView view) => view.IsStatic ? options.Value.StaticCallsPerTenSeconds : options.Value.OAuthCallsPerTenSeconds;

    // Until the account is known, the subscription stands for it; two API URLs are two HubSpots.
    private static string AccountOf(Guid subscriptionId, ConnectionView view) =>
        view.HubSpotAccountId is { } account ? $"{view.ApiUrl.Authority}/{account}" : subscriptionId.ToString("N");
}
