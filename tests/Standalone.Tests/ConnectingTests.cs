using System.Net.Http.Json;
using HubSpotBus.Samples;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>Connecting as an operator does it: in the browser, and with what the settings name.</summary>
public sealed class ConnectingTests
{
    [Fact]
    public async Task Signed_in_to_the_status_page_one_presses_Connect_and_approves()
    {
        await using var installation = await AnInstallation.StartAsync();
        var (hub, subscription) = (installation.Hub, await SubscribedAsync(installation, new { name = "HubSpot - Test", apiUrl = installation.Simulator.BaseAddress.ToString() }));
        using var browser = await ASignedInBrowser.OpenAsync(installation.Address, AnInstallation.AdminKey);
        browser.Page.ShouldContain("Connect to HubSpot");

        var end = await browser.ConnectAsync(subscription, NorthwindFiles.HubSpotAccountId);

        end.AbsolutePath.ShouldBe("/oauth/callback");
        await ServiceUnderTest.UntilAsync(async () => (string?)(await hub.GetAsync($"{subscription}/connection"))["state"] == "connected", "it is connected");
    }

    [Fact]
    public async Task A_category_property_that_HubSpot_does_not_have_is_told_and_once_it_is_made_connecting_finds_it()
    {
        await using var installation = await AnInstallation.StartAsync();
        var (hub, simulator) = (installation.Hub, installation.Simulator);
        var subscription = await SubscribedAsync(
            installation, new { name = "HubSpot - Test", apiUrl = simulator.BaseAddress.ToString(), companyCategoryFieldName = "Customer tier" });
        await AnInstallation.ReconnectAsync(hub, subscription, NorthwindFiles.HubSpotAccountId);
        const string Problem = "HubSpot's companies have no property with the label \"Customer tier\". Create it in HubSpot (Settings, Properties";
        var account = (await hub.GetAsync($"{subscription}/connection"))["account"]!;
        ((string?)account["companyCategoryProperty"]).ShouldBeNull();
        ((string?)account["categoryProblem"]).ShouldNotBeNull().ShouldStartWith(Problem);
        (await installation.PageAsync("/")).ShouldContain(System.Net.WebUtility.HtmlEncode(Problem));

        using var http = simulator.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", $"pat-sim-{NorthwindFiles.HubSpotAccountId}");
        var option = new { label = "Gold", value = "gold", displayOrder = 0, hidden = false };
        using var made = await http.PostAsJsonAsync("/crm/properties/2026-09/companies", new
        {
            name = "customer_tier", label = "Customer tier", type = "enumeration", fieldType = "select", groupName = "companyinformation", options = new[] { option },
        }, TestContext.Current.CancellationToken);
        made.EnsureSuccessStatusCode();
        await hub.PostAsync($"{subscription}/connection/probe", new { });
        await ServiceUnderTest.UntilAsync(
            async () => (string?)(await hub.GetAsync($"{subscription}/connection"))["account"]?["companyCategoryProperty"] == "customer_tier", "it is found");

        account = (await hub.GetAsync($"{subscription}/connection"))["account"]!;
        ((string?)account["contactCategoryProperty"], (string?)account["categoryProblem"]).ShouldBe((null, null));
        (await installation.PageAsync("/")).ShouldContain("category of companies: customer_tier");
    }

    private static async Task<string> SubscribedAsync(AnInstallation installation, object settings)
    {
        var company = $"/api/companies/{(await installation.Hub.PostAsync("/api/companies", new { name = "Tenant" }))["id"]}";
        return $"{company}/subscriptions/{(await installation.Hub.PostAsync($"{company}/subscriptions", settings))["id"]}";
    }
}
