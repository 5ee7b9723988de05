using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Egress;

/// <summary>HubSpot's own limits. They count per app and account: subscriptions on one account share a window.</summary>
public sealed class HubSpotLimits(IOptions<EgressOptions> options)
{
    private readonly ConcurrentDictionary<string, SlidingWindow> _windows = new();

    public SlidingWindow Account(Guid subscriptionId, ConnectionView view) => _windows.GetOrAdd(
        $"{(view.IsStatic ? "static" : "app")}/{AccountOf(subscriptionId, view)}",
        _ => new SlidingWindow(Configured(view), TimeSpan.FromSeconds(10)));

    public SlidingWindow Search(Guid subscriptionId, ConnectionView view) => _windows.GetOrAdd(
        $"search/{AccountOf(subscriptionId, view)}",
        _ => new SlidingWindow(options.Value.SearchesPerSecond, TimeSpan.FromSeconds(1)));

    /// <summary>What HubSpot says is believed where it is less than what is configured.</summary>
    public int Lower(ConnectionView view, int said) => Math.Max(1, Math.Min(Configured(view), said));

    private int Configured(ConnectionView view) => view.IsStatic ? options.Value.StaticCallsPerTenSeconds : options.Value.OAuthCallsPerTenSeconds;

    // Until the account is known, the subscription stands for it; two API URLs are two HubSpots.
    private static string AccountOf(Guid subscriptionId, ConnectionView view) =>
        view.HubSpotAccountId is { } account ? $"{view.ApiUrl.Authority}/{account}" : subscriptionId.ToString("N");
}
