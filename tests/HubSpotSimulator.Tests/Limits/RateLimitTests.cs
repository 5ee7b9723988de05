using HubSpotBus.HubSpotSimulator.Tests.OAuth;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Limits;

public sealed class RateLimitTests
{
    private const string Path = "/account-info/2026-09/details";

    [Fact]
    public async Task An_OAuth_app_has_110_calls_in_any_ten_seconds()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.ConnectAsync();
        var first = await simulator.GetAsync(Path);
        simulator.Time.Advance(TimeSpan.FromSeconds(6));
        for (var i = 1; i < 110; i++)
        {
            (await simulator.GetAsync(Path)).Status.ShouldBe(200);
        }

        var over = await simulator.GetAsync(Path);
        simulator.Time.Advance(TimeSpan.FromSeconds(4));
        var free = await simulator.GetAsync(Path);
        var again = await simulator.GetAsync(Path);

        (first.Header("X-HubSpot-RateLimit-Max"), first.Header("X-HubSpot-RateLimit-Remaining")).ShouldBe(("110", "109"));
        first.Header("X-HubSpot-RateLimit-Interval-Milliseconds").ShouldBe("10000");
        first.Header("X-HubSpot-RateLimit-Daily").ShouldBeNull();
        (over.Status, over.Message).ShouldBe((429, "You have reached your ten_secondly_rolling limit."));
        ((string)over.Body["policyName"]!, (string)over.Body["errorType"]!).ShouldBe(("TEN_SECONDLY_ROLLING", "RATE_LIMIT"));
        over.Headers.RetryAfter.ShouldBeNull();
        (free.Status, again.Status).ShouldBe((200, 429));
    }

    [Fact]
    public async Task Batches_of_associations_have_a_limit_of_their_own()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { AssociationCallsPerTenSeconds = 2, StaticCallsPerTenSeconds = 2 });
        const string Batch = "/crm/associations/2026-09/contacts/companies/batch/read";
        var read = new { inputs = new[] { new { id = "1" } } };

        var inTime = new[] { await simulator.PostAsync(Batch, read), await simulator.PostAsync(Batch, read) };
        var over = await simulator.PostAsync(Batch, read);
        var other = await simulator.GetAsync(Path);
        simulator.Time.Advance(TimeSpan.FromSeconds(10));
        var free = await simulator.PostAsync(Batch, read);

        inTime.ShouldAllBe(answer => answer.Status < 300);
        (over.Status, over.Message).ShouldBe((429, "You have reached your ten_secondly_rolling limit."));
        (other.Status, other.Header("X-HubSpot-RateLimit-Remaining")).ShouldBe((200, "1"));
        free.Status.ShouldBeLessThan(300);
    }

    [Fact]
    public async Task A_static_token_has_190_calls_and_a_daily_count()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { StaticCallsPerDay = 2 });

        var first = await simulator.GetAsync(Path);
        await simulator.GetAsync(Path);
        var over = await simulator.GetAsync(Path);

        first.Header("X-HubSpot-RateLimit-Max").ShouldBe("190");
        first.Header("X-HubSpot-RateLimit-Daily-Remaining").ShouldBe("1");
        (over.Status, (string?)over.Body["policyName"]).ShouldBe((429, "DAILY"));
    }

    [Theory]
    [InlineData("US/Eastern", "2026-11-24T05:00:00Z", "-05:00")]
    [InlineData("Europe/Berlin", "2026-11-23T23:00:00Z", "+01:00")]
    [InlineData("Asia/Kolkata", "2026-11-23T18:30:00Z", "+05:30")]
    public async Task The_daily_count_begins_anew_at_midnight_of_the_accounts_time(string timeZone, string midnight, string offset)
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions
        {
            StaticCallsPerDay = 1, Portals = [new() { Id = 12345678, TimeZone = timeZone, Switches = new() { RetryAfterOn429 = true } }],
        });
        var left = DateTimeOffset.Parse(midnight, null) - simulator.Time.GetUtcNow();
        var details = await simulator.GetAsync(Path);

        var over = await simulator.GetAsync(Path);
        simulator.Time.Advance(left - TimeSpan.FromSeconds(1));
        var late = await simulator.GetAsync(Path);
        simulator.Time.Advance(TimeSpan.FromSeconds(1));
        var anew = await simulator.GetAsync(Path);

        ((string?)details.Body["timeZone"], (string?)details.Body["utcOffset"]).ShouldBe((timeZone, offset));
        (over.Status, over.Headers.RetryAfter!.Delta, late.Status, anew.Status).ShouldBe((429, left, 429, 200));
    }

    [Fact]
    public async Task Searches_count_for_the_day_and_do_not_say_so()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { StaticCallsPerDay = 3 });

        var search = await simulator.PostAsync("/crm/objects/2026-09/orders/search", new { });
        var usage = await simulator.GetAsync("/account-info/2026-09/api-usage/daily/private-apps");
        await simulator.PostAsync("/crm/objects/2026-09/orders/search", new { });
        var over = await simulator.PostAsync("/crm/objects/2026-09/orders/search", new { });

        search.Header("X-HubSpot-RateLimit-Daily").ShouldBeNull();
        usage.Header("X-HubSpot-RateLimit-Daily-Remaining").ShouldBe("1");
        var told = usage.Results.Single();
        ((int)told["usageLimit"]!, (int)told["currentUsage"]!, (string?)told["resetsAt"]).ShouldBe((3, 2, "2026-11-24T05:00:00.000Z"));
        (over.Status, (string?)over.Body["policyName"]).ShouldBe((429, "DAILY"));
    }

    [Fact]
    public async Task Searches_have_a_limit_of_their_own()
    {
        await using var simulator = await ASimulator.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            (await simulator.PostAsync("/crm/objects/2026-09/orders/search", new { })).Status.ShouldBe(200);
        }

        var over = await simulator.PostAsync("/crm/objects/2026-09/contacts/search", new { });
        simulator.Time.Advance(TimeSpan.FromSeconds(1));

        (over.Status, over.Category, over.Message).ShouldBe((429, "RATE_LIMITS", "You have reached your secondly limit."));
        (await simulator.PostAsync("/crm/objects/2026-09/contacts/search", new { })).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Too_many_searches_may_be_told_in_the_form_of_the_other_limits()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { SearchesPerSecond = 1 });
        simulator.Switch(new() { SearchLimitNamesPolicy = true });
        await simulator.PostAsync("/crm/objects/2026-09/orders/search", new { });

        var over = await simulator.PostAsync("/crm/objects/2026-09/orders/search", new { });

        (over.Status, (string?)over.Body["policyName"], (string?)over.Body["errorType"], over.Category).ShouldBe((429, "SECONDLY", "RATE_LIMIT", null));
    }

    [Fact]
    public async Task Association_batches_and_tokens_do_not_count()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { OAuthCallsPerTenSeconds = 1 });
        await simulator.ConnectAsync();

        for (var i = 0; i < 3; i++)
        {
            (await simulator.PostAsync("/crm/associations/2026-09/contacts/companies/batch/read",
                new { inputs = new[] { new { id = "1" } } })).Status.ShouldBe(207);
        }

        (await simulator.GetAsync(Path)).Status.ShouldBe(200);
        (await simulator.GetAsync(Path)).Status.ShouldBe(429);
    }

    [Fact]
    public async Task Limits_can_be_switched_off()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions
        {
            EnforceLimits = false, StaticCallsPerTenSeconds = 1, StaticCallsPerDay = 1, SearchesPerSecond = 1,
        });

        for (var i = 0; i < 3; i++)
        {
            (await simulator.GetAsync(Path)).Status.ShouldBe(200);
            (await simulator.PostAsync("/crm/objects/2026-09/orders/search", new { })).Status.ShouldBe(200);
        }
    }
}
