using HubSpotBus.Auth.Connecting;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using Shouldly;
using Xunit;
using static HubSpotBus.Auth.Tests.ScriptedHubSpot;

namespace HubSpotBus.Auth.Tests.Connecting;

public sealed class ConnectingSagaTests
{
    [Fact]
    public async Task An_authorised_connection_becomes_a_connected_subscription()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        await auth.ConnectAsync(auth.Browser());
        var identified = await auth.NextAsync<AccountIdentified>();
        (identified.HubSpotAccountId, identified.Account.TimeZone, identified.Account.CallsPerTenSeconds).ShouldBe((Account, "Europe/Berlin", 110));
        identified.Account.Currencies.ShouldBe(["EUR", "USD"]);
        identified.Account.Scopes.ShouldBe(HubSpotAppOptions.DefaultScopes);
        auth.HubSpot.Seen[^1].Path.ShouldBe("/account-info/2026-09/details");

        var properties = await auth.NextAsync<PrepareProperties>();
        (properties.SubscriptionId, properties.Attempt, properties.HubKey).ShouldBe((auth.Subscription, 1, "hub-1"));
        await auth.Service.PublishAsync(Prepared(auth, 1));
        await auth.ResolveAsync(1);
        (await auth.NextAsync<PrepareMappings>()).MappingSet.ShouldBe("standard");
        await auth.Service.PublishAsync(Mapped(auth, 1));
        (await auth.NextAsync<AdoptCustomers>()).KeysNotUnique.ShouldBe(["products"]);
        await auth.Service.PublishAsync(auth.Adopted(nameof(AdoptCustomers), 1));
        await auth.NextAsync<AdoptProducts>();
        await auth.Service.PublishAsync(auth.Adopted(nameof(AdoptProducts), 1));
        await auth.NextAsync<AdoptTransactions>();
        await auth.Service.PublishAsync(auth.Adopted(nameof(AdoptTransactions), 1));
        var connected = await auth.NextAsync<SubscriptionConnected>();
        connected.Account.KeysNotUnique.ShouldBe(["products"]);
        (connected.Account.CompanyCategoryProperty, connected.Account.ContactCategoryProperty, connected.Account.CategoryProblem)
            .ShouldBe(("tier", null, "no contacts' one"));
        (connected.SubscriptionId, connected.Attempt, connected.HubSpotAccountId).ShouldBe((auth.Subscription, 1, Account));
        await auth.Service.QuietAsync();
        (await auth.StatusAsync()).Connecting.ShouldBe(nameof(ConnectingStateMachine.Ready));
    }

    [Fact]
    public async Task A_step_in_passing_trouble_is_ordered_again_and_connecting_goes_on()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        for (var i = 0; i < 4; i++)
        {
            await auth.Service.PublishAsync(Failed(auth, 1, transient: true));
            (await auth.NextAsync<PrepareProperties>()).Attempt.ShouldBe(1);
        }

        (await auth.StatusAsync()).ConnectingReason.ShouldBe("no luck");
        await auth.Service.PublishAsync(Prepared(auth, 1));
        await auth.ResolveAsync(1);
        await auth.NextAsync<PrepareMappings>();
        (await auth.StatusAsync()).ConnectingReason.ShouldBeNull();
    }

    [Fact]
    public async Task A_step_that_fails_time_and_again_ends_connecting_with_its_reason()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(new() { ["Connecting:StepTries"] = "2" });
        await auth.Service.PublishAsync(Failed(auth, 1, transient: true));
        await auth.NextAsync<PrepareProperties>();
        await auth.Service.PublishAsync(Failed(auth, 1, transient: true));
        (await auth.NextAsync<ConnectingFailed>()).Reason.ShouldBe("no luck");
        await auth.Service.QuietAsync();
        (await auth.StatusAsync()).Connecting.ShouldBe(nameof(ConnectingStateMachine.Failed));
    }

    [Fact]
    public async Task Resolving_categories_that_fails_is_ordered_again_and_ends_connecting_when_it_is_refused()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.Service.PublishAsync(Prepared(auth, 1));
        await auth.NextAsync<ResolveCategories>();
        await auth.Service.PublishAsync(Failed(auth, 1, transient: true));
        await auth.NextAsync<ResolveCategories>();
        await auth.Service.PublishAsync(Failed(auth, 1, transient: false));
        (await auth.NextAsync<ConnectingFailed>()).Reason.ShouldBe("no luck");
    }

    [Fact]
    public async Task A_refused_step_ends_connecting_at_once_and_connecting_again_starts_over()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.Service.PublishAsync(Failed(auth, 1, transient: false));
        (await auth.NextAsync<ConnectingFailed>()).Reason.ShouldBe("no luck");

        await auth.ConnectAsync(auth.Browser());
        (await auth.NextAsync<PrepareProperties>()).Attempt.ShouldBe(2);
        await auth.Service.PublishAsync(Prepared(auth, 2));
        await auth.ResolveAsync(2);
        await auth.NextAsync<PrepareMappings>();
        await auth.Service.PublishAsync(Mapped(auth, 2));
        await auth.AdoptAsync(2);
        (await auth.NextAsync<SubscriptionConnected>()).Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task Connecting_that_failed_starts_over_when_the_connection_resumes()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.Service.PublishAsync(Failed(auth, 1, transient: false));
        await auth.NextAsync<ConnectingFailed>();
        await auth.Service.PublishAsync(new ConnectionResumed { SubscriptionId = auth.Subscription });
        (await auth.NextAsync<PrepareProperties>()).Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task A_resumed_connection_that_is_ready_stays_ready()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.Service.PublishAsync(Prepared(auth, 1));
        await auth.ResolveAsync(1);
        await auth.NextAsync<PrepareMappings>();
        await auth.Service.PublishAsync(Mapped(auth, 1));
        await auth.AdoptAsync(1);
        await auth.NextAsync<SubscriptionConnected>();
        await auth.Service.PublishAsync(new ConnectionResumed { SubscriptionId = auth.Subscription });
        await auth.Service.QuietAsync();
        (await auth.StatusAsync()).Connecting.ShouldBe(nameof(ConnectingStateMachine.Ready));
        auth.Service.Waiting<PrepareProperties>().ShouldBe(0);
    }

    [Fact]
    public async Task Answers_to_an_earlier_connect_are_ignored()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.ConnectAsync(auth.Browser());
        (await auth.NextAsync<PrepareProperties>()).Attempt.ShouldBe(2);
        await auth.Service.PublishAsync(Failed(auth, 1, transient: false));
        await auth.Service.PublishAsync(Prepared(auth, 1));
        await auth.Service.QuietAsync();
        (await auth.StatusAsync()).Connecting.ShouldBe(nameof(ConnectingStateMachine.PreparingProperties));
        auth.Service.Waiting<ResolveCategories>().ShouldBe(0);
        auth.Service.Waiting<ConnectingFailed>().ShouldBe(0);
    }

    [Fact]
    public async Task Doubled_and_late_answers_change_nothing()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.Service.PublishAsync(new ConnectionAuthorised { SubscriptionId = auth.Subscription, Attempt = 1 });
        await auth.Service.PublishAsync(Mapped(auth, 1));
        await auth.Service.PublishAsync(Prepared(auth, 1));
        await auth.ResolveAsync(1);
        await auth.NextAsync<PrepareMappings>();
        await auth.Service.PublishAsync(Prepared(auth, 1));
        await auth.Service.PublishAsync(new CategoriesResolved { SubscriptionId = auth.Subscription, Attempt = 1 });
        await auth.Service.PublishAsync(auth.Adopted(nameof(AdoptProducts), 1));
        await auth.Service.PublishAsync(Mapped(auth, 1));
        await auth.AdoptAsync(1);
        await auth.NextAsync<SubscriptionConnected>();
        await auth.Service.PublishAsync(Mapped(auth, 1));
        await auth.Service.PublishAsync(Failed(auth, 1, transient: false));
        await auth.Service.QuietAsync();
        auth.Service.Waiting<PrepareProperties>().ShouldBe(0);
        auth.Service.Waiting<PrepareMappings>().ShouldBe(0);
        auth.Service.Waiting<SubscriptionConnected>().ShouldBe(0);
        auth.Service.Waiting<ConnectingFailed>().ShouldBe(0);
        (await auth.StatusAsync()).Connecting.ShouldBe(nameof(ConnectingStateMachine.Ready));
    }

    [Fact]
    public async Task Answers_for_a_subscription_that_never_connected_are_dropped()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        await auth.Service.PublishAsync(Prepared(auth, 1));
        await auth.Service.PublishAsync(Failed(auth, 1, transient: true));
        await auth.Service.QuietAsync();
        (await auth.StatusAsync()).Connecting.ShouldBeNull();
    }

    [Fact]
    public async Task An_account_that_cannot_be_asked_now_is_asked_again()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync(new() { ["Egress:Attempts"] = "1" });
        auth.HubSpot.Says(Status(503), Status(200, "not json"), Status(200, """{"portalId":4711}"""));
        await auth.ConnectAsync(auth.Browser());
        (await auth.NextAsync<AccountIdentified>()).HubSpotAccountId.ShouldBe(Account);
        await auth.NextAsync<PrepareProperties>();
    }

    [Fact]
    public async Task A_missing_scope_is_no_matter_of_trying_again()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        auth.HubSpot.Says(Status(403, """{"message":"This app hasn't been granted all required scopes."}"""));
        await auth.ConnectAsync(auth.Browser());
        (await auth.NextAsync<ConnectingFailed>()).Reason.ShouldContain("scope");
        auth.HubSpot.Seen.Count(c => c.Path.StartsWith("/account-info", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_static_token_of_another_account_is_refused_and_not_used_any_further()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.AccountId = 999;
        await auth.ConnectWithTokenAsync("pat-na1-of-another-account");
        (await auth.NextAsync<ConnectingFailed>()).Reason.ShouldContain("999");
        await auth.NextAsync<ConnectionPaused>();
        ((int)(await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode).ShouldBe(503);
        auth.HubSpot.Calls.ShouldBeEmpty();
        (await auth.StatusAsync()).HubSpotAccountId.ShouldBe(Account);
    }

    [Fact]
    public async Task Disconnecting_while_the_last_step_is_under_way_ends_connecting_and_nobody_is_told_that_it_is_connected()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await UntilLastStepAsync(auth);
        await auth.DisconnectAsync();
        (await auth.NextAsync<ConnectionPaused>()).Attempt.ShouldBe(2);
        await auth.Service.PublishAsync(auth.Adopted(nameof(AdoptTransactions), 1));
        await auth.Service.PublishAsync(new ConnectionResumed { SubscriptionId = auth.Subscription, Attempt = 1 }); // under way since before
        await auth.Service.QuietAsync();
        auth.Service.Waiting<SubscriptionConnected>().ShouldBe(0);
        auth.Service.Waiting<ConnectingFailed>().ShouldBe(0);
        var status = await auth.StatusAsync();
        (status.State, status.Connecting).ShouldBe((ConnectionState.Disconnected, nameof(ConnectingStateMachine.Disconnected)));
        status.ConnectingReason!.ShouldContain("disconnected");
    }

    [Fact]
    public async Task A_grant_that_died_during_the_last_step_is_not_connected_until_it_is_connected_again()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await UntilLastStepAsync(auth);
        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(Status(400, """{"status":"BAD_REFRESH_TOKEN","message":"gone"}""")());
        auth.HubSpot.Says(Status(401));
        await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        await auth.NextAsync<ConnectionPaused>();
        await auth.Service.PublishAsync(auth.Adopted(nameof(AdoptTransactions), 1));
        await auth.NextAsync<AdoptTransactions>(); // asked again, in case the pause ends by itself
        auth.Service.Waiting<SubscriptionConnected>().ShouldBe(0);
        (await auth.StatusAsync()).ConnectingReason!.ShouldContain("paused");

        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(null);
        auth.HubSpot.Answer = _ => Task.FromResult<HttpResponseMessage?>(null);
        await auth.ConnectAsync(auth.Browser());
        (await auth.NextAsync<PrepareProperties>()).Attempt.ShouldBe(2);
        await UntilLastStepAsync(auth, 2);
        await auth.Service.PublishAsync(auth.Adopted(nameof(AdoptTransactions), 2));
        (await auth.NextAsync<SubscriptionConnected>()).Attempt.ShouldBe(2);
    }

    private static async Task UntilLastStepAsync(AuthUnderTest auth, int attempt = 1)
    {
        await auth.Service.PublishAsync(Prepared(auth, attempt));
        await auth.ResolveAsync(attempt);
        await auth.NextAsync<PrepareMappings>();
        await auth.Service.PublishAsync(Mapped(auth, attempt));
        await auth.NextAsync<AdoptCustomers>();
        await auth.Service.PublishAsync(auth.Adopted(nameof(AdoptCustomers), attempt));
        await auth.NextAsync<AdoptProducts>();
        await auth.Service.PublishAsync(auth.Adopted(nameof(AdoptProducts), attempt));
        await auth.NextAsync<AdoptTransactions>();
    }

    private static PropertiesPrepared Prepared(AuthUnderTest auth, int attempt) => new()
    {
        SubscriptionId = auth.Subscription,
        Attempt = attempt,
        ObjectTypes = ["companies", "contacts", "products", "orders", "line_items"],
        KeysNotUnique = ["products"],
    };

    private static MappingsPrepared Mapped(AuthUnderTest auth, int attempt) => new() { SubscriptionId = auth.Subscription, Attempt = attempt };

    private static ConnectingStepFailed Failed(AuthUnderTest auth, int attempt, bool transient) => new()
    {
        SubscriptionId = auth.Subscription,
        Attempt = attempt,
        Step = nameof(PrepareProperties),
        Reason = "no luck",
        Transient = transient,
    };
}
