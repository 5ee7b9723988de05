using System.Text.Json;
using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Egress.Limits;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Egress;

/// <summary>Replicas share a subscription's limits: hours of calls in virtual time.</summary>
public sealed class SharedLimitTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(1, 500, 60, 10)]
    [InlineData(2, 5, 60, 3)]
    [InlineData(3, 100, 10, 4)]
    [InlineData(4, 30, 10, 10)]
    [InlineData(5, 500, 60, 2)]
    public async Task Three_replicas_never_exceed_the_limits_and_use_nearly_all_of_them(int seed, int limit, int seconds, int atOnce)
    {
        var fleet = new Fleet(seed, replicas: 3, limit, seconds, atOnce);
        await fleet.RunAsync(Hour, callers: [8, 8, 8], longestCall: TimeSpan.FromMilliseconds(200));

        fleet.MostWithin().ShouldBeLessThanOrEqualTo(limit);
        fleet.MostAtOnce.ShouldBeLessThanOrEqualTo(atOnce);
        fleet.Arrivals.Count.ShouldBeGreaterThanOrEqualTo((int)(0.95 * limit * (Hour.TotalSeconds / seconds)));
        fleet.CallsOf.Min().ShouldBeGreaterThan(fleet.Arrivals.Count / 4);
    }

    [Theory]
    [InlineData(6, 500, 60, 10)]
    [InlineData(7, 5, 60, 3)]
    [InlineData(8, 50, 10, 4)]
    public async Task A_killed_replica_takes_nothing_with_it_that_does_not_come_back_with_the_window(int seed, int limit, int seconds, int atOnce)
    {
        var fleet = new Fleet(seed, replicas: 3, limit, seconds, atOnce);
        await fleet.RunAsync(TimeSpan.FromMinutes(4), callers: [8, 8, 8], longestCall: TimeSpan.FromMilliseconds(500));
        fleet.Kill(1);
        await fleet.RunAsync(TimeSpan.FromMinutes(6), callers: [8, 0, 8], longestCall: TimeSpan.FromMilliseconds(500));

        fleet.MostWithin().ShouldBeLessThanOrEqualTo(limit);
        fleet.MostAtOnce.ShouldBeLessThanOrEqualTo(atOnce);
        fleet.Arrivals.Count.ShouldBeGreaterThanOrEqualTo((int)(0.90 * limit * (600.0 / seconds)));
    }

    [Fact]
    public async Task A_replica_that_stood_still_uses_nothing_of_what_it_held()
    {
        var fleet = new Fleet(9, replicas: 2, limit: 60, seconds: 10, atOnce: 4);
        await fleet.RunAsync(TimeSpan.FromMinutes(1), callers: [4, 4], longestCall: TimeSpan.FromMilliseconds(100));
        fleet.Stop(0);
        await fleet.RunAsync(TimeSpan.FromSeconds(90), callers: [4, 4], longestCall: TimeSpan.FromMilliseconds(100));
        fleet.GoOn(0);
        await fleet.RunAsync(TimeSpan.FromMinutes(1), callers: [4, 4], longestCall: TimeSpan.FromMilliseconds(100));

        fleet.MostWithin().ShouldBeLessThanOrEqualTo(60);
        fleet.MostAtOnce.ShouldBeLessThanOrEqualTo(4);
        fleet.CallsOf.Min().ShouldBeGreaterThan(60);
    }

    [Fact]
    public async Task The_only_replica_with_callers_gets_everything()
    {
        var fleet = new Fleet(10, replicas: 3, limit: 120, seconds: 10, atOnce: 5);
        await fleet.RunAsync(TimeSpan.FromMinutes(1), callers: [5, 5, 5], longestCall: TimeSpan.FromMilliseconds(100));
        var before = fleet.CallsOf[2];
        await fleet.RunAsync(TimeSpan.FromMinutes(5), callers: [0, 0, 20], longestCall: TimeSpan.FromMilliseconds(100));

        (fleet.CallsOf[2] - before).ShouldBeGreaterThan((int)(0.95 * 120 * 30));
    }

    [Theory]
    [InlineData(19, 4)]
    [InlineData(20, 3)]
    public async Task Connections_in_use_without_a_break_go_over_to_who_comes_later_on_another_replica(int seed, int atOnce)
    {
        var fleet = new Fleet(seed, replicas: 2, limit: 100_000, seconds: 10, atOnce);
        await fleet.RunAsync(TimeSpan.FromMinutes(1), callers: [8, 0], longestCall: TimeSpan.FromSeconds(1));
        var alone = fleet.Arrivals.Count;
        await fleet.RunAsync(TimeSpan.FromMinutes(10), callers: [8, 8], longestCall: TimeSpan.FromSeconds(1));

        fleet.MostAtOnce.ShouldBeLessThanOrEqualTo(atOnce);
        var together = fleet.Arrivals.Count - alone;
        together.ShouldBeGreaterThan(9 * alone);
        fleet.CallsOf[1].ShouldBeInRange((int)(0.45 * together), (int)(0.55 * together));
    }

    [Fact]
    public async Task A_lane_keeps_its_share_though_the_lanes_wait_on_different_replicas()
    {
        var fleet = new Fleet(11, replicas: 2, limit: 100, seconds: 10, atOnce: 10) { LaneOf = (replica, _) => replica == 0 ? Lane.Live : Lane.Backfill };
        await fleet.RunAsync(TimeSpan.FromMinutes(10), callers: [20, 20], longestCall: TimeSpan.FromMilliseconds(100));

        fleet.CallsOf[1].ShouldBeGreaterThanOrEqualTo((int)(0.09 * fleet.Arrivals.Count));
        fleet.CallsOf[0].ShouldBeGreaterThan(fleet.CallsOf[1]);
    }

    [Fact]
    public async Task A_lane_with_few_callers_on_a_replica_gets_there_no_more_than_falls_to_them()
    {
        // 19 of the 20 who retry wait on the second replica.
        var fleet = new Fleet(12, replicas: 2, limit: 100, seconds: 10, atOnce: 10)
        {
            LaneOf = (replica, waiting) => waiting.Count(l => l == Lane.Retry) < (replica == 0 ? 1 : 19) ? Lane.Retry : Lane.Live,
        };
        await fleet.RunAsync(TimeSpan.FromMinutes(10), callers: [40, 40], longestCall: TimeSpan.FromMilliseconds(100));

        fleet.LaneOfCalls.Count(l => l == Lane.Retry).ShouldBeInRange((int)(0.21 * fleet.Arrivals.Count), (int)(0.24 * fleet.Arrivals.Count));
    }

    [Theory]
    [InlineData(13, 100, 10, 10)]
    [InlineData(14, 5, 1, 10)]
    [InlineData(17, 100, 10, 50)]
    public async Task What_subscriptions_share_is_divided_by_subscription_not_by_caller(int seed, int limit, int seconds, int callers)
    {
        var fleet = Fleet.OnOneAccount(seed, limit, seconds, (Replica: 0, Subscription: "x"), (Replica: 1, Subscription: "y"));
        await fleet.RunAsync(TimeSpan.FromMinutes(10), callers: [100, callers], longestCall: TimeSpan.FromMilliseconds(100));

        fleet.MostWithin().ShouldBeLessThanOrEqualTo(limit);
        fleet.Arrivals.Count.ShouldBeGreaterThan((int)(0.85 * limit * (600 / seconds)));
        // Ten callers are now and then fewer than what falls to them at once.
        fleet.CallsOf[0].ShouldBeInRange((int)(0.45 * fleet.Arrivals.Count), (int)((callers < 50 ? 0.6 : 0.55) * fleet.Arrivals.Count));
    }

    [Fact]
    public async Task What_a_subscription_with_one_caller_leaves_of_its_part_is_the_others()
    {
        var fleet = Fleet.OnOneAccount(seed: 18, limit: 100, seconds: 10, (Replica: 0, Subscription: "x"), (Replica: 1, Subscription: "y"));
        await fleet.RunAsync(TimeSpan.FromMinutes(10), callers: [100, 1], longestCall: TimeSpan.FromSeconds(1));

        fleet.Arrivals.Count.ShouldBeGreaterThan((int)(0.9 * 100 * 60));
        fleet.CallsOf[1].ShouldBeGreaterThan(1000);
    }

    [Theory]
    [InlineData(15, 100, 10)]
    [InlineData(16, 5, 1)]
    public async Task A_subscription_on_two_replicas_gets_no_more_of_what_it_shares_than_one_on_one(int seed, int limit, int seconds)
    {
        var fleet = Fleet.OnOneAccount(seed, limit, seconds, (Replica: 0, Subscription: "x"), (Replica: 1, Subscription: "x"), (Replica: 1, Subscription: "y"));
        await fleet.RunAsync(TimeSpan.FromMinutes(10), callers: [20, 20, 20], longestCall: TimeSpan.FromMilliseconds(100));

        fleet.MostWithin().ShouldBeLessThanOrEqualTo(limit);
        fleet.Arrivals.Count.ShouldBeGreaterThan((int)(0.85 * limit * (600 / seconds)));
        fleet.CallsOf[2].ShouldBeInRange((int)(0.45 * fleet.Arrivals.Count), (int)(0.55 * fleet.Arrivals.Count));
    }

    [Fact]
    public void A_file_has_one_process_whoever_held_something_before_is_gone()
    {
        var (limit, now) = (new SharedLimit(), DateTimeOffset.UnixEpoch);
        var claim = new Claim
        {
            Key = "own/a", Calls = 10, Length = TimeSpan.FromSeconds(10), AtOnce = 2, Open = 0, Unused = 0, Answered = 0,
            AnsweredAgo = TimeSpan.Zero, Wants = 2, MayOpen = 0, WantsOpen = 2, Waiting = new Waiters(0, 1, 0, 0), Lines = 1, Urgency = 0,
        };
        var (killed, started) = (new Guid(1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]), new Guid(2, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]));
        limit.Hear(killed, claim, now).MayOpen.ShouldBe(2);
        limit.Hear(started, claim, now).MayOpen.ShouldBe(0);

        limit.EndOthers(started, claim.Length, now);

        var allotted = limit.Hear(started, claim, now);
        (allotted.MayOpen, limit.Used).ShouldBe((2, 4));
    }

    [Fact]
    public void Permits_that_were_divided_by_a_newer_setting_bring_it_along()
    {
        var share = new LimitShare("own/a", 600, TimeSpan.FromSeconds(60)) { Wishes = new Wishes(2, 2, new Waiters(0, 2, 0, 0), 1, 0) };
        share.Set(600, TimeSpan.FromSeconds(60), 2);
        var (limit, replica) = (new SharedLimit(), new Guid(1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]));
        Hear(claim => claim);
        share.Take(TimeSpan.Zero);
        share.HasRoom(TimeSpan.Zero).ShouldBeTrue();

        Hear(claim => claim with { Calls = 2, AtOnce = 1 });

        (share.Calls, share.AtOnce, share.HasRoom(TimeSpan.Zero)).ShouldBe((2, 1, false));
        share.Answered(TimeSpan.Zero);
        Hear(claim => claim with { Calls = 2, AtOnce = 1 });
        share.Take(TimeSpan.Zero);
        (limit.Used, share.HasRoom(TimeSpan.Zero)).ShouldBe((2, false));

        void Hear(Func<Claim, Claim> stored)
        {
            var claim = share.Claim(TimeSpan.Zero);
            share.Allot(claim, limit.Hear(replica, stored(claim), DateTimeOffset.UnixEpoch), TimeSpan.Zero, TimeSpan.Zero);
        }
    }

    [Fact]
    public void A_row_of_the_version_before_is_read_and_its_replicas_count_one_each()
    {
        const string row = """
            {"spent":[{"lapsesAt":"1970-01-01T00:00:05+00:00","calls":4}],"holders":{"00000001-0000-0000-0000-000000000000":{
             "leaseUntil":"1970-01-01T00:00:15+00:00","askedAt":"1970-01-01T00:00:00+00:00","permits":2,"connections":0,"wants":9,"wantsOpen":0,
             "waiting":{"token":0,"live":9,"retry":0,"backfill":0},"urgency":70}},"closedUntil":"0001-01-01T00:00:00+00:00"}
            """;
        var limit = JsonSerializer.Deserialize<SharedLimit>(row, JsonSerializerOptions.Web)!;
        var claim = new Claim
        {
            Key = "app/a", Calls = 10, Length = TimeSpan.FromSeconds(10), AtOnce = null, Open = 0, Unused = 0, Answered = 0,
            AnsweredAgo = TimeSpan.Zero, Wants = 9, MayOpen = 0, WantsOpen = 0, Waiting = new Waiters(0, 9, 0, 0), Lines = 1, Urgency = 0,
        };

        limit.Hear(new Guid(2, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]), claim, DateTimeOffset.UnixEpoch).Permits.ShouldBe(2);
    }

    /// <summary>Replicas with callers who always want to call, and HubSpot, who notes when calls come.</summary>
    private sealed class Fleet
    {
        private readonly FakeTimeProvider _time = new();
        private readonly Random _random;
        private readonly int _seconds;
        private readonly List<(Throttle Throttle, CallLine Line, Guid Id)> _replicas = [];
        private readonly Dictionary<string, SharedLimit> _limits = [];
        private readonly List<(int Replica, Lane Lane, Task<Permit> Permit)> _waiting = [];
        private readonly List<(int Replica, Permit Permit, TimeSpan AnsweredAt)> _open = [];
        private readonly HashSet<int> _dead = [];
        private readonly HashSet<int> _stopped = [];

        public Fleet(int seed, int replicas, int limit, int seconds, int atOnce)
            : this(seed, seconds, replicas)
        {
            for (var i = 0; i < replicas; i++)
                _replicas.Add((new Throttle(_time), AReplica.ALine("a", limit, seconds, atOnce), MassTransit.NewId.NextGuid()));
        }

        private Fleet(int seed, int seconds, int lines) => (_random, _seconds, CallsOf) = (new Random(seed), seconds, new int[lines]);

        /// <summary>Subscriptions that share the limit of their account; each line counts as if it were a replica.</summary>
        public static Fleet OnOneAccount(int seed, int limit, int seconds, params (int Replica, string Subscription)[] lines)
        {
            var fleet = new Fleet(seed, seconds, lines.Length);
            foreach (var replica in lines.GroupBy(l => l.Replica))
            {
                var (throttle, id) = (new Throttle(fleet._time), MassTransit.NewId.NextGuid());
                var account = new LimitShare("account", limit, TimeSpan.FromSeconds(seconds));
                foreach (var (_, subscription) in replica)
                {
                    var line = AReplica.ALine(subscription, limit: 1_000_000);
                    line.Account = account;
                    fleet._replicas.Add((throttle, line, id));
                }
            }

            return fleet;
        }

        /// <summary>The lane of the next caller at a replica, by the lanes of those who wait there.</summary>
        public Func<int, IReadOnlyList<Lane>, Lane> LaneOf { get; init; } = (_, _) => Lane.Live;

        public List<Lane> LaneOfCalls { get; } = [];

        public List<TimeSpan> Arrivals { get; } = [];

        public int[] CallsOf { get; }

        public int MostAtOnce { get; private set; }

        private TimeSpan Now => _time.GetElapsedTime(0);

        public void Kill(int replica)
        {
            _dead.Add(replica);
            _waiting.RemoveAll(w => w.Replica == replica);
            _open.RemoveAll(o => o.Replica == replica);
        }

        /// <summary>Stops a replica as SIGSTOP would: it asks nothing and hears nothing, its calls are answered meanwhile.</summary>
        public void Stop(int replica) => _stopped.Add(replica);

        public void GoOn(int replica) => _stopped.Remove(replica);

        public int MostWithin()
        {
            var arrivals = Arrivals.Order().ToList();
            var (most, first) = (0, 0);
            for (var last = 0; last < arrivals.Count; last++)
            {
                while (arrivals[last] - arrivals[first] >= TimeSpan.FromSeconds(_seconds))
                    first++;
                most = Math.Max(most, last - first + 1);
            }

            return most;
        }

        public async Task RunAsync(TimeSpan duration, int[] callers, TimeSpan longestCall)
        {
            for (var end = Now + duration; Now < end; _time.Advance(Step))
            {
                foreach (var replica in Enumerable.Range(0, _replicas.Count).Where(r => !_dead.Contains(r) && !_stopped.Contains(r)).OrderBy(_ => _random.Next()))
                    await LiveAsync(replica, callers[replica], longestCall);
                MostAtOnce = Math.Max(MostAtOnce, _open.Count(o => o.AnsweredAt > Now));
            }
        }

        private async Task LiveAsync(int replica, int callers, TimeSpan longestCall)
        {
            var (throttle, line, _) = _replicas[replica];
            foreach (var answered in _open.Where(o => o.Replica == replica && o.AnsweredAt <= Now).ToList())
            {
                _open.Remove(answered);
                answered.Permit.Dispose();
            }

            for (var missing = callers - _waiting.Count(w => w.Replica == replica); missing > 0; missing--)
            {
                var lane = LaneOf(replica, [.. _waiting.Where(w => w.Replica == replica).Select(w => w.Lane)]);
                _waiting.Add((replica, lane, throttle.EnterAsync(line, lane, false, TimeSpan.FromDays(1), CancellationToken.None)));
            }

            if (_random.Next(20) > 0)
                Ask(replica);
            foreach (var granted in Granted(replica))
            {
                _waiting.Remove(granted);
                var travel = longestCall * _random.NextDouble();
                CallsOf[replica]++;
                LaneOfCalls.Add(granted.Lane);
                Arrivals.Add(Now + (travel * _random.NextDouble()));
                _open.Add((replica, await granted.Permit, Now + travel));
            }
        }

        // The permit is given under the throttle's lock; its caller goes on in the thread pool.
        private List<(int Replica, Lane Lane, Task<Permit> Permit)> Granted(int replica)
        {
            var (throttle, line, _) = _replicas[replica];
            SpinWait.SpinUntil(() => _waiting.Count(w => w.Replica == replica && !w.Permit.IsCompleted) == throttle.Read(line).Waiting);
            return [.. _waiting.Where(w => w.Replica == replica && w.Permit.IsCompleted)];
        }

        private void Ask(int replica)
        {
            var (throttle, _, id) = _replicas[replica];
            while (throttle.Ask() is { Claims.Count: > 0 } asking)
            {
                // Now and then the answer gets lost after it was committed.
                var lost = _random.Next(50) == 0;
                var allotments = asking.Claims.ToDictionary(c => c.Claim.Key, c => Hear(id, c.Claim));
                if (lost)
                    return;
                throttle.Take(asking, allotments);
            }
        }

        private Allotment Hear(Guid id, Claim claim)
        {
            if (!_limits.TryGetValue(claim.Key, out var limit))
                _limits[claim.Key] = limit = new SharedLimit();
            return limit.Hear(id, claim, _time.GetUtcNow());
        }
    }
}
