using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.Samples;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>Disconnecting, reconnecting, and moving to another HubSpot account.</summary>
public sealed class ReconnectingTests
{
    private const string OtherAccount = "87654321";

    [Fact]
    public async Task The_connection_shows_its_account_scopes_expiry_and_a_masked_token_and_ends_at_HubSpot_too()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        var grant = (await installation.Hub.GetAsync($"{installation.Subscription}/connection"))["grant"]!;
        ((string)grant["state"]!, (bool)grant["isStatic"]!).ShouldBe(("Connected", false));
        ((string)grant["token"]!).ShouldStartWith("••••");
        ((string)grant["token"]!).Length.ShouldBe(8);
        grant["scopes"]!.AsArray().Select(s => (string?)s).ShouldContain("crm.objects.orders.write");
        grant["missingScopes"]!.AsArray().ShouldBeEmpty();
        grant["expiresAt"].ShouldNotBeNull();
        grant["lastRefreshAt"].ShouldNotBeNull();
        var page = await installation.PageAsync("/");
        page.ShouldContain($"HubSpot account {NorthwindFiles.HubSpotAccountId}: OAuth, expires ");
        page.ShouldContain($", token {System.Net.WebUtility.HtmlEncode((string)grant["token"]!)}<br>Scopes: ");
        page.ShouldContain("crm.objects.orders.write");

        await installation.DisconnectAsync();
        await ServiceUnderTest.UntilAsync(
            async () => !(bool)(await installation.Hub.GetAsync($"{installation.Subscription}/connection"))["grant"]!["toBeRevoked"]!, "the grant is given back");
        installation.Simulator.Calls.Of("oauth.revoke").ShouldBe(1);
        grant = (await installation.Hub.GetAsync($"{installation.Subscription}/connection"))["grant"]!;
        ((string)grant["state"]!, (string?)grant["connecting"], (string?)grant["token"]).ShouldBe(("Disconnected", "Disconnected", null));
    }

    [Fact]
    public async Task Disconnected_in_the_middle_of_connecting_it_ends_disconnected_and_the_grant_is_revoked()
    {
        // Each step takes long enough to be seen.
        await using var installation = await AnInstallation.StartAsync(simulator =>
        {
            simulator.Faults.Add(new Fault { Match = new FaultMatch { PathContains = "/crm/" }, DelayMilliseconds = 1500 });
            return Task.CompletedTask;
        });
        var (hub, simulator) = (installation.Hub, installation.Simulator);
        var company = $"/api/companies/{(await hub.PostAsync("/api/companies", new { name = "Tenant" }))["id"]}";
        var made = await hub.PostAsync($"{company}/subscriptions", new { name = "HubSpot - Test", apiUrl = simulator.BaseAddress.ToString() });
        var subscription = $"{company}/subscriptions/{made["id"]}";
        var path = $"{subscription}/connection";
        await hub.ConnectAsync(subscription, NorthwindFiles.HubSpotAccountId);
        await ServiceUnderTest.UntilAsync(async () => (string?)(await GrantAsync())["connecting"] == "PreparingProperties", "the properties are being prepared");

        (await installation.DeleteAsync(path)).ShouldBe(System.Net.HttpStatusCode.NoContent);
        await ServiceUnderTest.UntilAsync(async () => !(bool)(await GrantAsync())["toBeRevoked"]!, "the grant is given back");
        await ServiceUnderTest.UntilAsync(async () => (int)(await hub.GetAsync($"{path}/meter"))["inFlight"]! == 0, "the call that was under way has ended");

        await ServiceUnderTest.UntilAsync(async () => (string?)(await hub.GetAsync(path))["state"] == "paused", "the hub has heard of it");

        simulator.Calls.Of("oauth.revoke").ShouldBe(1);
        var connection = await hub.GetAsync(path);
        ((string?)connection["state"], (string?)connection["grant"]!["state"], (string?)connection["grant"]!["connecting"], (string?)connection["grant"]!["token"])
            .ShouldBe(("paused", "Disconnected", "Disconnected", null));
        simulator.Calls.Of("companies.list").ShouldBe(0); // nothing of the later steps

        async Task<System.Text.Json.Nodes.JsonNode> GrantAsync() => (await hub.GetAsync(path))["grant"]!;
    }

    [Fact]
    public async Task The_meter_shows_the_calls_of_the_window_by_lane_and_kind_to_API_and_status_page()
    {
        await using var installation = await AnInstallation.ConnectedAsync(new { apiThrottleLimit = 400, apiThrottleSeconds = 60, concurrentConnections = 3 });
        await CallBudgetTests.PutAsync(installation, "companies", "F1", Shop.Company("F1"));
        await installation.SettledAsync();
        var meter = await installation.Hub.GetAsync($"{installation.Subscription}/connection/meter");
        ((int)meter["calls"]!).ShouldBe(installation.Simulator.Calls.Read(TimeSpan.Zero, long.Parse(NorthwindFiles.HubSpotAccountId, null)).Total);
        ((int)meter["waiting"]!, (int)meter["inFlight"]!, (int)meter["refusedByHubSpot"]!).ShouldBe((0, 0, 0));
        var counts = meter["counts"]!.AsArray();
        counts.Sum(c => (int)c!["calls"]!).ShouldBe((int)meter["calls"]!);
        counts.ShouldContain(c => (string)c!["lane"]! == "live" && ((string)c["kind"]!).StartsWith("companies batch ", StringComparison.Ordinal));

        var page = await installation.PageAsync("/");
        page.ShouldContain($"Calls to HubSpot: {meter["calls"]} of 400 in 60 s, 0 of 3 in flight, 0 waiting, 0 refused by HubSpot");
        page.ShouldContain("<td>companies batch ");
    }

    [Fact]
    public async Task While_disconnected_transfers_stay_pending_and_go_on_after_reconnecting()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        await installation.DisconnectAsync();
        await CallBudgetTests.PutAsync(installation, "companies", "F1", Shop.Company("F1"));
        ((string)(await installation.TransferOfAsync("companies", "F1"))["state"]!).ShouldBe("pending");

        await AnInstallation.ReconnectAsync(installation.Hub, installation.Subscription, NorthwindFiles.HubSpotAccountId);
        await installation.SettledAsync();
        (await installation.Account.RecordsAsync("companies")).Count.ShouldBe(1);
        await installation.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_grant_that_died_pauses_the_subscription_tells_the_operator_and_keeps_transfers_until_it_is_connected_again()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        using var person = installation.Simulator.CreateClient();
        (await person.PostAsync(new Uri("/_simulator/reset", UriKind.Relative), null, TestContext.Current.CancellationToken)).IsSuccessStatusCode.ShouldBeTrue(); // all grants are gone
        await CallBudgetTests.PutAsync(installation, "companies", "F1", Shop.Company("F1"));

        await installation.PausedAsync();
        var connection = await installation.Hub.GetAsync($"{installation.Subscription}/connection");
        ((string)connection["reason"]!).ShouldContain("Connect the subscription again");
        ((string)connection["grant"]!["state"]!).ShouldBe("Revoked");
        var told = (await installation.Hub.GetAsync($"{installation.Company}/activity"))["items"]!.AsArray().Select(a => (string)a!["what"]!);
        told.ShouldContain(what => what.StartsWith("paused: HubSpot no longer accepts the connection", StringComparison.Ordinal));
        ((string)(await installation.TransferOfAsync("companies", "F1"))["state"]!).ShouldNotBe("parked");

        await AnInstallation.ReconnectAsync(installation.Hub, installation.Subscription, NorthwindFiles.HubSpotAccountId);
        await installation.SettledAsync();
        (await installation.Account.RecordsAsync("companies")).Count.ShouldBe(1);
        await installation.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_subscription_that_moves_to_another_account_brings_all_its_records_there_and_touches_none_of_the_old()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        await CallBudgetTests.PutAsync(installation, "companies", "F1", Shop.Company("F1"));
        await installation.SettledAsync();
        var refused = await Should.ThrowAsync<InvalidOperationException>(
            () => installation.Hub.PostAsync($"{installation.Subscription}/connection", new { otherAccount = long.Parse(OtherAccount, null) }));
        refused.Message.ShouldContain("Disconnect the subscription");

        await installation.DisconnectAsync();
        await AnInstallation.ReconnectAsync(installation.Hub, installation.Subscription, OtherAccount, long.Parse(OtherAccount, null));
        await installation.SettledAsync();

        var moved = (await new HubSpotAccount(installation.Simulator.CreateClient(), OtherAccount).RecordsAsync("companies")).Single();
        var stayed = (await installation.Account.RecordsAsync("companies")).Single();
        moved["name"].ShouldBe(stayed["name"]);
        var transfer = await installation.TransferOfAsync("companies", "F1");
        ((string)transfer["state"]!, (string)transfer["hubSpotId"]!).ShouldBe(("transferred", moved.Id));
        await installation.NoDeadLettersAsync();
    }
}
