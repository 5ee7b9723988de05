using System.Text;
using HubSpotBus.Auth.Egress;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Egress;

public sealed class RetryRulesTests
{
    [Theory]
    [InlineData(429, false)]
    [InlineData(423, false)]
    [InlineData(500, true)]
    [InlineData(502, true)]
    [InlineData(503, true)]
    public void Refusals_before_the_deed_are_retried_always_and_failures_only_where_repeating_is_harmless(int status, bool onlyRepeatable)
    {
        RetryRules.Judge(new Attempt { Status = status }, mayRepeat: true).Again.ShouldBeTrue();
        RetryRules.Judge(new Attempt { Status = status }, mayRepeat: false).Again.ShouldBe(!onlyRepeatable);
    }

    [Theory]
    [InlineData(Lost.NotSent, false, true)]
    [InlineData(Lost.Broken, false, false)]
    [InlineData(Lost.Broken, true, true)]
    [InlineData(Lost.TimedOut, true, false)]
    public void A_create_is_made_again_only_if_HubSpot_has_seen_nothing_of_it(Lost lost, bool mayRepeat, bool again) =>
        RetryRules.Judge(new Attempt { Lost = lost }, mayRepeat).Again.ShouldBe(again);

    [Theory]
    [InlineData(200)]
    [InlineData(207)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(477)]
    [InlineData(524)]
    public void Answers_and_what_seconds_do_not_heal_are_not_retried(int status) =>
        RetryRules.Judge(new Attempt { Status = status }, mayRepeat: true).ShouldBe(Retry.No);

    [Theory]
    [InlineData("TEN_SECONDLY_ROLLING", null, 10)]
    [InlineData("SECONDLY", null, 1)]
    [InlineData("TEN_SECONDLY_ROLLING", 3, 3)]
    [InlineData("SECONDLY", 4, 4)]
    public void The_pause_after_a_429_is_HubSpots_or_that_of_the_limit(string policy, int? retryAfter, int seconds) =>
        RetryRules.Judge(Limited(policy, retryAfter), mayRepeat: false).ShouldBe(Retry.After(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_lock_is_given_two_seconds_at_least() =>
        RetryRules.Judge(new Attempt { Status = 423, RetryAfter = TimeSpan.FromSeconds(1) }, mayRepeat: true)
            .ShouldBe(Retry.After(TimeSpan.FromSeconds(2)));

    [Fact]
    public void A_pause_too_long_for_a_waiting_caller_is_handed_on()
    {
        var attempt = Limited("SECONDLY", 120);
        RetryRules.Judge(attempt, mayRepeat: true).ShouldBe(Retry.No);
        var answer = RetryRules.Conclude(attempt);
        (answer.Status, answer.Refusal, answer.RetryAfter).ShouldBe((429, "throttled", TimeSpan.FromSeconds(120)));
    }

    [Fact]
    public void The_daily_limit_is_not_run_against()
    {
        RetryRules.Judge(Limited("DAILY", null), mayRepeat: true).ShouldBe(Retry.No);
        RetryRules.Conclude(Limited("DAILY", null)).Refusal.ShouldBe("throttled");
    }

    [Theory]
    [InlineData(500, Lost.No, 502)]
    [InlineData(524, Lost.No, 504)]
    [InlineData(0, Lost.Broken, 502)]
    [InlineData(0, Lost.TimedOut, 504)]
    public void What_may_have_been_done_is_unanswered(int status, Lost lost, int told)
    {
        var answer = RetryRules.Conclude(new Attempt { Status = status, Lost = lost });
        (answer.Status, answer.Refusal).ShouldBe((told, "unanswered"));
    }

    [Theory]
    [InlineData(423, Lost.No)]
    [InlineData(0, Lost.NotSent)]
    public void What_was_certainly_not_done_is_throttled(int status, Lost lost) =>
        RetryRules.Conclude(new Attempt { Status = status, Lost = lost }).Refusal.ShouldBe("throttled");

    [Theory]
    [InlineData(200)]
    [InlineData(207)]
    [InlineData(403)]
    [InlineData(409)]
    public void HubSpots_answer_is_passed_on_as_it_is(int status)
    {
        var answer = RetryRules.Conclude(new Attempt { Status = status, Body = "{}"u8.ToArray(), ContentType = "application/json" });
        (answer.Status, answer.Refusal, answer.ContentType).ShouldBe((status, null, "application/json"));
        answer.Body.ShouldBe("{}"u8.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[1]")]
    [InlineData("{\"policyName\":7}")]
    public void A_429_without_a_readable_reason_pauses_a_second(string body) =>
        RateLimitRefusal.Read(new Attempt { Status = 429, Body = Encoding.UTF8.GetBytes(body) }).Wait.ShouldBe(TimeSpan.FromSeconds(1));

    [Theory]
    [InlineData("2026-06-01T21:59:00Z", "Europe/Berlin", 1)]
    [InlineData("2026-06-01T22:00:00Z", "Europe/Berlin", 24 * 60)]
    [InlineData("2026-03-28T23:00:00Z", "Europe/Berlin", 23 * 60)] // the day that clocks go forward
    [InlineData("2026-06-01T12:00:00Z", "US/Eastern", 16 * 60)]
    [InlineData("2026-06-01T12:00:00Z", "Somewhere/Else", 10)]
    [InlineData("2026-06-01T12:00:00Z", null, 10)]
    public void The_day_ends_at_the_accounts_midnight(string now, string? timeZone, int minutes) => RateLimitRefusal.RestOfDay(
        timeZone, DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(TimeSpan.FromMinutes(minutes));

    private static Attempt Limited(string policy, int? retryAfter) => new()
    {
        Status = 429,
        Body = Encoding.UTF8.GetBytes($$"""{"status":"error","policyName":"{{policy}}"}"""),
        RetryAfter = retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    };
}
