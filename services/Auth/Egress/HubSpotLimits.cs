using System.Collections.Concurrent;
using HubSpotBus.Auth.Egress.Limits;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Egress;

/// <summary>HubSpot's own limits. They count per app and account: subscriptions on one account share them.</summary>
public sealed class HubSpotLimits(IOptions<EgressOptions> options)
{
    private readonly ConcurrentDictionary<string, LimitShare> _shares = new();

    public LimitShare Account(Guid subscriptionId, ConnectionView view) => _shares.GetOrAdd(
        $"{(view.IsStatic ? "static" : "app")}/{AccountOf(subscriptionId, view)}",
        key => new LimitShare(key, Configured(view), TimeSpan.FromSeconds(10)));

    public LimitShare Search(Guid subscriptionId, ConnectionView view) => _shares.GetOrAdd(
        $"search/{AccountOf(subscriptionId, view)}",
        key => new LimitShare(key, options.Value.SearchesPerSecond, TimeSpan.FromSeconds(1)));

    /// <summary>What HubSpot says is believed where it is less than what is configured.</summary>
    public int Lower(ConnectionView view, int said) => Math.Max(1, Math.Min(Configured(view), said));

    private int Configured(ConnectionView view) => view.IsStatic ? options.Value.StaticCallsPerTenSeconds : options.Value.OAuthCallsPerTenSeconds;

    // Until the account is known, the subscription stands for it; two API URLs are two HubSpots.
    private static string AccountOf(Guid subscriptionId, ConnectionView view) =>
        view.HubSpotAccountId is { } account ? $"{view.ApiUrl.Authority}/{account}" : subscriptionId.ToString("N");
}
