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
    private readonly Guid _subscription = NewId.NextGuid();
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(30));

    public void Dispose()
    {
        _patience.Cancel();
        _patience.Dispose();
    }

    [Theory]
    [InlineData(false, 110)]
    [InlineData(true, 100)]
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
        Hear(AView(isStatic: false, 4711), max, milliseconds).ShouldBe((calls, TimeSpan.FromMilliseconds(length)));

    [Theory]
    [InlineData(100, null, 100)]
    [InlineData(190, 10_000, 190)]
    [InlineData(250, 10_000, 250)]
    [InlineData(240, 10_000, 190)]
    [InlineData(100_000, 10_000, 250)]
    [InlineData(19, 1_000, 19)] // 190 in ten seconds
    [InlineData(60, 10_000, 60)]
    public void A_static_token_begins_with_the_lowest_tier_and_the_first_answer_names_the_accounts_own(int max, int? milliseconds, int calls)
    {
        var view = AView(isStatic: true, 4711);
        _limits.Account(_subscription, view).Calls.ShouldBe(100);
        Hear(view, max, milliseconds).Calls.ShouldBe(calls);
    }

    [Fact]
    public void Later_answers_to_a_static_token_correct_the_tier_downward_only()
    {
        var view = AView(isStatic: true, 4711);
        Hear(view, 190, 10_000).Calls.ShouldBe(190);
        Hear(view, 250, 10_000).Calls.ShouldBe(190);
        Hear(view, 50, 10_000).Calls.ShouldBe(50);
        Hear(view, 190, 10_000).Calls.ShouldBe(190);
        Hear(AView(isStatic: true, 4712), 250, 10_000).Calls.ShouldBe(250); // another account's is another
    }

    [Fact]
    public void A_tier_told_before_the_account_was_known_is_the_accounts()
    {
        Hear(AView(isStatic: true, null), 190, 10_000);
        _limits.Account(_subscription, AView(isStatic: true, 4711)).Calls.ShouldBe(190);
    }

    [Fact]
    public void What_an_operator_configured_for_static_tokens_no_answer_raises()
    {
        var limits = new HubSpotLimits(Options.Create(new EgressOptions { StaticCallsPerTenSeconds = 40 }));
        var view = AView(isStatic: true, 4711);
        limits.Account(_subscription, view).Calls.ShouldBe(40);
        limits.Hear(limits.Account(_subscription, view), view, 190, TimeSpan.FromSeconds(10)).Calls.ShouldBe(40);
    }

    private (int Calls, TimeSpan Length) Hear(ConnectionView view, int max, int? milliseconds) => _limits.Hear(
        _limits.Account(_subscription, view), view, max, milliseconds is { } said ? TimeSpan.FromMilliseconds(said) : null);

    private CallLine ALine(bool isStatic, long account)
    {
        var (subscription, view) = (NewId.NextGuid(), AView(isStatic, account));
        return new CallLine(
            new LimitShare($"own/{subscription:N}", 1000, TimeSpan.FromSeconds(60)), _limits.Account(subscription, view), _limits.Search(subscription, view));
    }

    private static ConnectionView AView(bool isStatic, long? account) => new()
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
