using System.IO.Compression;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Tests;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>The HubSpot app that a self-hoster brings: shown, tested, stored, used.</summary>
public sealed partial class HubSpotAppTests
{
    private static readonly Dictionary<string, string?> _noApp = new() { ["HubSpotApp:ClientId"] = "", ["HubSpotApp:ClientSecret"] = "" };

    [Fact]
    public async Task Until_there_is_an_app_connecting_links_to_its_page_and_what_is_entered_there_connects()
    {
        await using var installation = await AnInstallation.StartAsync(configuration: _noApp);
        var refused = await Should.ThrowAsync<InvalidOperationException>(() => AnInstallation.SubscribeAsync(installation.Hub, installation.Simulator));
        refused.Message.ShouldContain("/hubspot-app, or connect with a static token");
        (await installation.PageAsync("/hubspot-app")).ShouldContain("There is none yet");

        (string, string)[] entry = [("clientId", "hubspotbus-demo"), ("clientSecret", "hubspotbus-demo-secret"), ("key", AnInstallation.AdminKey)];
        var (status, page) = await installation.SubmitAsync("/hubspot-app", entry[0], ("clientSecret", "another"), entry[2]);
        (status, page.Contains("HubSpot does not accept them", StringComparison.Ordinal)).ShouldBe((409, true));
        (await installation.SubmitAsync("/hubspot-app", entry[0], entry[1], ("key", "not the key"))).Status.ShouldBe(403);
        (status, page) = await installation.SubmitAsync("/hubspot-app", entry);
        (status, page.Contains("They are stored", StringComparison.Ordinal)).ShouldBe((200, true));
        page.ShouldNotContain("hubspotbus-demo-secret");

        var (_, subscription) = await AnInstallation.SubscribeAsync(installation.Hub, installation.Simulator);
        ((string)(await installation.Hub.GetAsync($"{subscription}/connection"))["grant"]!["state"]!).ShouldBe("Connected");
        await installation.NoDeadLettersAsync();
    }

    [Fact]
    public async Task The_API_shows_tests_and_stores_the_app_and_only_the_administrator_changes_it()
    {
        await using var installation = await AnInstallation.StartAsync(configuration: _noApp);
        ((string)(await installation.Hub.GetAsync("/api/hubspot-app"))["source"]!).ShouldBe("None");
        await installation.Hub.PutAsync("/api/hubspot-app", new { clientId = "hubspotbus-demo", clientSecret = "hubspotbus-demo-secret" });
        var app = await installation.Hub.GetAsync("/api/hubspot-app");
        ((string)app["source"]!, (string)app["clientId"]!).ShouldBe(("Stored", "hubspotbus-demo"));
        app.ToJsonString().ShouldNotContain("hubspotbus-demo-secret");
        ((bool)(await installation.Hub.PostAsync("/api/hubspot-app/test", new { }))["accepted"]!).ShouldBeTrue();

        var company = await installation.Hub.PostAsync("/api/companies", new { name = "Tenant" });
        installation.Hub.SignInWith((string)company["apiKey"]!);
        (await installation.Hub.GetAsync("/api/hubspot-app")).ShouldNotBeNull();
        (await Should.ThrowAsync<InvalidOperationException>(() => installation.Hub.PostAsync("/api/hubspot-app/test", new { }))).Message.ShouldContain("403");
        (await Should.ThrowAsync<InvalidOperationException>(
            () => installation.Hub.PutAsync("/api/hubspot-app", new { clientId = "c", clientSecret = "s" }))).Message.ShouldContain("403");
    }

    [Fact]
    public async Task The_configuration_wins_and_the_page_says_so()
    {
        await using var installation = await AnInstallation.StartAsync();
        var page = await installation.PageAsync("/hubspot-app");
        page.ShouldContain("from the configuration");
        page.ShouldNotContain("<form");
        (await installation.SubmitAsync("/hubspot-app", ("clientId", "c"), ("clientSecret", "s"), ("key", AnInstallation.AdminKey))).Status.ShouldBe(409);
    }

    [Theory]
    [InlineData("https://bus.example", null, true)]
    [InlineData("http://bus.example", "is not https", false)]
    public async Task The_project_files_have_the_redirect_url_scopes_and_webhooks_of_this_installation(string publicUrl, string? warning, bool webhooks)
    {
        await using var installation = await AnInstallation.StartAsync(configuration: new() { ["HubSpotApp:PublicUrl"] = publicUrl });
        var page = await installation.PageAsync("/hubspot-app");
        page.ShouldContain($"{publicUrl}/oauth/callback");
        page.ShouldContain($"{publicUrl}/webhooks/hubspot");
        page.Contains("is not https", StringComparison.Ordinal).ShouldBe(warning is not null);

        using var zip = new ZipArchive(new MemoryStream(await installation.DownloadAsync("/hubspot-app/hubspotbus-app.zip")));
        var app = Read(zip, "src/app/app-hsmeta.json")["config"]!["auth"]!;
        app["redirectUrls"]!.AsArray().Select(u => (string?)u).ShouldBe([$"{publicUrl}/oauth/callback"]);
        app["requiredScopes"]!.AsArray().Select(s => (string?)s).ShouldBe(HubSpotAppOptions.DefaultScopes.Split(' '), ignoreOrder: true);
        ((string)Read(zip, "hsproject.json")["srcDir"]!).ShouldBe("src");
        (zip.GetEntry("hubspotbus/src/app/webhooks/webhooks-hsmeta.json") is not null).ShouldBe(webhooks);
        if (webhooks)
            ((string)Read(zip, "src/app/webhooks/webhooks-hsmeta.json")["config"]!["settings"]!["targetUrl"]!).ShouldBe($"{publicUrl}/webhooks/hubspot");
    }

    [Theory]
    [InlineData("HubSpotApp:PublicUrl")]
    [InlineData("Hub:PublicUrl")]
    public async Task One_process_has_one_public_address_whichever_setting_says_so(string setting)
    {
        await using var installation = await AnInstallation.StartAsync(configuration: new() { [setting] = "https://bus.example" });
        var hub = installation.Hub;
        var company = $"/api/companies/{(await hub.PostAsync("/api/companies", new { name = "Tenant" }))["id"]}";
        var subscription = await hub.PostAsync($"{company}/subscriptions", new { name = "HubSpot - Test", apiUrl = installation.Simulator.BaseAddress.ToString() });
        var link = await hub.PostAsync($"{company}/subscriptions/{subscription["id"]}/connection", new { });
        ((string)link["authorizeUrl"]!).ShouldBe($"https://bus.example/subscriptions/{subscription["id"]}/connect");
        ((string)(await hub.GetAsync("/api/hubspot-app"))["redirectUrl"]!).ShouldBe("https://bus.example/oauth/callback");
    }

    [Fact]
    public void The_scopes_that_are_asked_for_are_those_of_the_documentation()
    {
        var table = File.ReadLines(Path.Combine(Repository.Root, "docs", "hubspot-app.md"))
            .SkipWhile(line => !line.StartsWith("| scope |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'));
        table.SelectMany(row => Code().Matches(row.Split('|')[1])).Select(m => m.Groups[1].Value)
            .ShouldBe(HubSpotAppOptions.DefaultScopes.Split(' '), ignoreOrder: true);
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    private static JsonNode Read(ZipArchive zip, string path)
    {
        using var entry = zip.GetEntry($"hubspotbus/{path}")!.Open();
        return JsonNode.Parse(entry)!;
    }
}
