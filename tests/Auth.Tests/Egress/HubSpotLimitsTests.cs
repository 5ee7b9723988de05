using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Egress.Limits;
using MassTransit;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Egress;

public sealed class HubSpotLimitsTests : IDisposable
{
    private readonly HubSpotLimits _limits = new(Options.Create(new EgressOptions()));
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(30));

    public void Dispose()
    {
        _patience.Cancel();
        _patience.Dispose();
    }

    [Theory]
    [InlineData(false, 110)]
    [InlineData(true, 190)]
    public async Task Two_subscriptions_on_one_account_share_its_window(bool isStatic, int calls)
    {
        var replica = new AReplica(new FakeTimeProvider(), [], _patience.Token);
        var (one, other) = (ALine(isStatic, account: 4711), ALine(isStatic, account: 4711));
        for (var call = 0; call < calls; call++)
            (await EnterAsync(call % 2 == 0 ? one : other)).Dispose();
        _ = EnterAsync(one);
        _ = EnterAsync(other);
        (await EnterAsync(ALine(isStatic, account: 4712))).Dispose();
        replica.Ask();
        (replica.Throttle.Read(one).Waiting, replica.Throttle.Read(other).Waiting).ShouldBe((1, 1));

        Task<Permit> EnterAsync(CallLine line) => replica.Throttle.EnterAsync(line, Lane.Live, false, TimeSpan.FromDays(1), _patience.Token);
    }

    [Theory]
    [InlineData(100, null, 100, 10_000)]
    [InlineData(190, 10_000, 110, 10_000)]
    [InlineData(5, 1_000, 5, 1_000)]
    [InlineData(20, 1_000, 11, 1_000)] // 110 in ten seconds, still
    [InlineData(300, 60_000, 50, 10_000)]
    [InlineData(1, 60_000, 1, 10_000)]
    public void What_HubSpot_says_is_for_the_interval_that_it_names(int max, int? milliseconds, int calls, int length) =>
        _limits.Lower(AView(isStatic: false, 4711), max, milliseconds is { } said ? TimeSpan.FromMilliseconds(said) : null)
            .ShouldBe((calls, TimeSpan.FromMilliseconds(length)));

    private CallLine ALine(bool isStatic, long account)
    {
        var (subscription, view) = (NewId.NextGuid(), AView(isStatic, account));
        return new CallLine(
            new LimitShare($"own/{subscription:N}", 1000, TimeSpan.FromSeconds(60)), _limits.Account(subscription, view), _limits.Search(subscription, view));
    }

    private static ConnectionView AView(bool isStatic, long account) => new()
    {
        ApiUrl = new Uri("https://api.hubapi.com"),
        ApiUrlAllowed = true,
        ApiVersion = "2026-09",
        HubKey = "hub-1",
        MappingSet = "standard",
        IsStatic = isStatic,
        HubSpotAccountId = account,
    };
}
