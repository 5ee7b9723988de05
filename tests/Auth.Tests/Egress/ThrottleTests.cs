using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Egress.Limits;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Egress;

public sealed class ThrottleTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly AReplica _replica;
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(30));

    public ThrottleTests() => _replica = new AReplica(_time, new Dictionary<string, SharedLimit>(), _patience.Token);

    public void Dispose()
    {
        _patience.Cancel();
        _patience.Dispose();
    }

    [Theory]
    [InlineData(1, 5, 10, 3)]
    [InlineData(2, 20, 10, 4)]
    [InlineData(3, 1, 1, 1)]
    [InlineData(4, 50, 60, 10)]
    [InlineData(5, 3, 2, 10)]
    public async Task No_window_at_HubSpots_side_ever_holds_more_than_the_limit_nor_more_at_once(int seed, int limit, int seconds, int atOnce)
    {
        var random = new Random(seed);
        var line = ALine(limit, seconds, atOnce);
        var waiting = new List<Task<Permit>>();
        var open = new List<(Permit Permit, TimeSpan AnsweredAt)>();
        var arrivals = new List<TimeSpan>();
        for (var step = 0; step < 3000; step++)
        {
            for (var arriving = random.Next(3); arriving > 0 && waiting.Count < 100; arriving--)
                waiting.Add(Enter(line, (Lane)new[] { 70, 20, 10 }[random.Next(3)]));
            await GrantsSettleAsync(line, waiting, open.Count);
            foreach (var granted in waiting.Where(t => t.IsCompleted).ToList())
            {
                waiting.Remove(granted);
                if (random.Next(10) == 0)
                {
                    (await granted).GiveBack();
                    continue;
                }

                var travel = TimeSpan.FromMilliseconds(random.Next(1, 4000));
                arrivals.Add(Now + (travel * random.NextDouble()));
                open.Add((await granted, Now + travel));
            }

            open.Count.ShouldBeLessThanOrEqualTo(atOnce);
            _replica.Advance(TimeSpan.FromMilliseconds(random.Next(1, 200)));
            foreach (var answered in open.Where(o => o.AnsweredAt <= Now).ToList())
            {
                open.Remove(answered);
                answered.Permit.Dispose();
            }
        }

        arrivals.Count.ShouldBeGreaterThan(limit);
        arrivals.Sort();
        for (var i = 0; i + limit < arrivals.Count; i++)
            (arrivals[i + limit] - arrivals[i]).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task A_place_lapses_only_when_the_window_has_passed_since_the_answer()
    {
        var line = ALine(limit: 1, seconds: 10);
        var first = await Enter(line);
        var second = Enter(line);
        _replica.Advance(TimeSpan.FromSeconds(60));
        second.IsCompleted.ShouldBeFalse();
        first.Dispose();
        _replica.Advance(TimeSpan.FromSeconds(9.999));
        Throttle.Read(line).Waiting.ShouldBe(1);
        _replica.Advance(TimeSpan.FromSeconds(0.001));
        (await second).Dispose();
    }

    [Fact]
    public async Task When_every_lane_waits_each_gets_its_share_and_is_served_in_order()
    {
        var line = ALine(limit: 1000, atOnce: 1);
        var held = await Enter(line);
        var order = new List<(Lane Lane, int Number)>();
        var calls = new List<Task>();
        for (var i = 0; i < 100; i++)
        {
            foreach (var lane in new[] { Lane.Backfill, Lane.Retry, Lane.Live })
                calls.Add(CallAsync(lane, i));
        }

        held.Dispose();
        await Task.WhenAll(calls);
        var firstHundred = order.Take(100).ToLookup(o => o.Lane);
        firstHundred[Lane.Retry].Count().ShouldBeGreaterThanOrEqualTo(20);
        firstHundred[Lane.Backfill].Count().ShouldBeGreaterThanOrEqualTo(10);
        firstHundred[Lane.Live].Count().ShouldBeGreaterThanOrEqualTo(69);
        foreach (var lane in order.GroupBy(o => o.Lane))
            lane.Select(o => o.Number).ShouldBe(Enumerable.Range(0, 100));

        async Task CallAsync(Lane lane, int number)
        {
            using var permit = await Enter(line, lane);
            lock (order)
                order.Add((lane, number));
        }
    }

    [Fact]
    public async Task A_lane_alone_gets_everything()
    {
        var line = ALine(limit: 5, atOnce: 5);
        for (var i = 0; i < 5; i++)
            (await Enter(line, Lane.Backfill)).Dispose();
        _replica.Used(line.Own).ShouldBe(5);
    }

    [Fact]
    public async Task A_token_call_goes_before_whoever_waits()
    {
        var line = ALine(limit: 1000, atOnce: 1);
        var held = await Enter(line);
        var live = Enter(line);
        var token = Enter(line, Lane.Token);
        held.Dispose();
        await token;
        live.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_permit_given_back_is_the_next_ones_in_the_same_window()
    {
        var line = ALine(limit: 1, seconds: 60);
        var unneeded = await Enter(line);
        var next = Enter(line);
        next.IsCompleted.ShouldBeFalse();
        unneeded.GiveBack();
        unneeded.Dispose();
        (await next).Dispose();
        Enter(line).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_cancelled_caller_leaves_the_queue()
    {
        var line = ALine(limit: 1000, atOnce: 1);
        var held = await Enter(line);
        using var gone = new CancellationTokenSource();
        var leaving = Throttle.EnterAsync(line, Lane.Live, false, TimeSpan.FromDays(1), gone.Token);
        var staying = Enter(line);
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(leaving.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Throttle.Read(line).Waiting.ShouldBe(1);
        held.Dispose();
        (await staying).Dispose();
        Throttle.Read(line).Open.ShouldBe(0);
    }

    [Fact]
    public async Task Who_has_waited_too_long_is_told_when_to_come_back()
    {
        var line = ALine(limit: 1, seconds: 60);
        (await Enter(line)).Dispose();
        var tired = Enter(line, patience: TimeSpan.FromSeconds(20));
        _replica.Advance(TimeSpan.FromSeconds(20));
        var told = await Should.ThrowAsync<CallThrottledException>(tired);
        told.RetryAfter.ShouldBe(TimeSpan.FromSeconds(60));
        Throttle.Read(line).Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_raised_limit_lets_those_in_who_wait()
    {
        var line = ALine(limit: 1, seconds: 60);
        (await Enter(line)).Dispose();
        var waiting = Enter(line);
        waiting.IsCompleted.ShouldBeFalse();
        Throttle.Change(_ => line.Own.Set(2, TimeSpan.FromSeconds(60), 100));
        (await waiting).Dispose();
    }

    [Fact]
    public async Task Searches_keep_their_own_limit_and_do_not_hold_up_the_calls_behind_them()
    {
        var line = ALine(limit: 1000);
        line.Search = new LimitShare("search", 5, TimeSpan.FromSeconds(1));
        for (var i = 0; i < 5; i++)
            (await Enter(line, search: true)).Dispose();
        var sixth = Enter(line, search: true);
        (await Enter(line)).Dispose();
        sixth.IsCompleted.ShouldBeFalse();
        _replica.Advance(TimeSpan.FromSeconds(1));
        (await sixth).Dispose();
    }

    [Fact]
    public async Task Lines_on_one_account_share_its_limit_and_take_turns()
    {
        var account = new LimitShare("account", 2, TimeSpan.FromSeconds(10));
        var (one, other) = (ALine(limit: 1000), AReplica.ALine("b", limit: 1000));
        (one.Account, other.Account) = (account, account);
        (await Enter(one)).Dispose();
        (await Enter(one)).Dispose();
        var ofOne = Enumerable.Range(0, 10).Select(_ => Enter(one)).ToList();
        var ofOther = Enumerable.Range(0, 10).Select(_ => Enter(other)).ToList();
        _replica.Advance(TimeSpan.FromSeconds(10));
        await Task.WhenAll(ofOne[0], ofOther[0]);
        (Throttle.Read(one).Open, Throttle.Read(other).Open).ShouldBe((1, 1));
    }

    [Fact]
    public async Task HubSpots_count_is_believed_where_it_leaves_less_than_ours()
    {
        var line = ALine(limit: 1000);
        line.Account = new LimitShare("account", 100, TimeSpan.FromSeconds(10));
        (await Enter(line)).Dispose();
        Throttle.Change(now => line.Account.Correct(remaining: 1, now));
        _replica.Ask(); // tells it before the next call uses what may be in hand
        (await Enter(line)).Dispose();
        var waiting = Enter(line);
        waiting.IsCompleted.ShouldBeFalse();
        _replica.Advance(TimeSpan.FromSeconds(10));
        (await waiting).Dispose();
    }

    [Fact]
    public async Task HubSpots_count_never_raises_ours()
    {
        var line = ALine(limit: 1000);
        line.Account = new LimitShare("account", 1, TimeSpan.FromSeconds(10));
        (await Enter(line)).Dispose();
        Throttle.Change(now => line.Account.Correct(remaining: 190, now));
        Enter(line).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_closed_window_holds_everyone_until_it_opens()
    {
        var line = ALine(limit: 1000);
        Throttle.Change(now => line.Account.CloseFor(TimeSpan.FromSeconds(10), now));
        var waiting = Enter(line);
        _replica.Advance(TimeSpan.FromSeconds(9));
        waiting.IsCompleted.ShouldBeFalse();
        _replica.Advance(TimeSpan.FromSeconds(1));
        (await waiting).Dispose();
    }

    private Throttle Throttle => _replica.Throttle;

    private TimeSpan Now => _time.GetElapsedTime(0);

    private Task<Permit> Enter(CallLine line, Lane lane = Lane.Live, bool search = false, TimeSpan? patience = null) =>
        Throttle.EnterAsync(line, lane, search, patience ?? TimeSpan.FromDays(1), _patience.Token);

    private static CallLine ALine(int limit, int seconds = 10, int atOnce = 100) => AReplica.ALine("a", limit, seconds, atOnce);

    // Callers go on in the thread pool: wait until every granted one has.
    private async Task GrantsSettleAsync(CallLine line, List<Task<Permit>> waiting, int alreadyOpen)
    {
        while (waiting.Count(t => t.IsCompleted) < Throttle.Read(line).Open - alreadyOpen)
        {
            _patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
