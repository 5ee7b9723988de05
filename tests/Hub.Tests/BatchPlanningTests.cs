using HubSpotBus.Hub.BatchExecutions;
using MassTransit;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

public sealed class BatchPlanningTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_live_change_lingers_30_ms_for_company_and_then_goes()
    {
        var candidate = Live(Now);

        var early = Decide([candidate], Now + TimeSpan.FromMilliseconds(29));
        early.Batches.ShouldBeEmpty();
        early.LookAgainAt.ShouldBe(Now + TimeSpan.FromMilliseconds(30));
        Decide([candidate, Live(Now + TimeSpan.FromMilliseconds(20))], Now + TimeSpan.FromMilliseconds(30)).Batches.Single().Count.ShouldBe(2);
    }

    [Fact]
    public void Bulk_work_goes_in_full_batches_at_once_and_the_rest_after_two_seconds_of_quiet()
    {
        var bulk = Enumerable.Range(0, 250).Select(_ => Bulk(Now)).ToList();

        var first = Decide(bulk, Now);
        first.Batches.Select(b => b.Count).ShouldBe([100, 100]);
        first.LookAgainAt.ShouldBe(Now + TimeSpan.FromSeconds(2));
        Decide(bulk[200..], Now + TimeSpan.FromSeconds(2)).Batches.Single().Count.ShouldBe(50);
        Decide([.. bulk[200..], Bulk(Now + TimeSpan.FromSeconds(1))], Now + TimeSpan.FromSeconds(2)).Batches.ShouldBeEmpty();
    }

    [Fact]
    public void A_batch_has_at_most_1000_lines_and_a_larger_transaction_goes_alone()
    {
        var plan = Decide([Live(Now, 600), Live(Now, 600), Live(Now, 1300), Live(Now, 1)], Now + TimeSpan.FromSeconds(1));

        plan.Batches.Select(b => b.Sum(c => c.Lines)).ShouldBe([600, 600, 1300, 1]);
    }

    [Fact]
    public void Eight_hundred_and_thirty_orders_make_nine_batches() =>
        Decide([.. Enumerable.Range(0, 830).Select(i => Bulk(Now, i % 5 == 0 ? 3 : 2))], Now + TimeSpan.FromSeconds(2)).Batches.Count.ShouldBe(9);

    [Fact]
    public void Live_changes_are_not_held_up_by_bulk_work_that_is_not_full_yet()
    {
        var plan = Decide([Bulk(Now), Live(Now)], Now + TimeSpan.FromMilliseconds(30));

        plan.Batches.Single().Single().Backfill.ShouldBeFalse();
        plan.LookAgainAt.ShouldBe(Now + TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData(ReferenceState.Ready, 1, 0)]
    [InlineData(ReferenceState.Waiting, 0, 0)]
    [InlineData(ReferenceState.Missing, 0, 1)]
    [InlineData(ReferenceState.Parked, 0, 1)]
    public void What_a_record_refers_to_decides_whether_it_goes_waits_or_parks(ReferenceState state, int batches, int blocked)
    {
        var plan = BatchPlanning.Decide([Live(Now) with { References = ["Company/7", "Sku/A"] }], r => r == "Company/7" ? state : ReferenceState.Ready, Now.AddSeconds(1));

        plan.Batches.Count.ShouldBe(batches);
        plan.Blocked.Count.ShouldBe(blocked);
        if (blocked > 0)
            plan.Blocked[0].By.ShouldBe("Company/7");
    }

    [Fact]
    public void One_that_waits_holds_up_nobody_else() =>
        BatchPlanning.Decide([Live(Now) with { References = ["Customer/1"] }, Live(Now)], _ => ReferenceState.Waiting, Now.AddSeconds(1)).Batches.Single().Count.ShouldBe(1);

    private static Plan Decide(IReadOnlyList<Candidate> pending, DateTimeOffset now) => BatchPlanning.Decide(pending, _ => ReferenceState.Ready, now);

    private static Candidate Live(DateTimeOffset since, int lines = 0) => new(NewId.NextGuid(), false, since, lines, []);

    private static Candidate Bulk(DateTimeOffset since, int lines = 0) => new(NewId.NextGuid(), true, since, lines, []);
}
