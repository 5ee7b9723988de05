using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;
using HubSpotBus.Auth;
using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Auth.Webhooks;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpotSimulator.Webhooks;
using HubSpotBus.Samples;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using HubSpotBus.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>Secrets leave the process where they have to, to HubSpot and to nobody else, and lie encrypted in the store.</summary>
public sealed class SecretsTests
{
    private const string ClientSecret = "hubspotbus-demo-secret"; // signs webhooks as well
    private const string StaticToken = "pat-sim-12345678";
    private const string OtherAccount = "87654321";

    [Fact]
    public async Task No_secret_is_in_a_log_a_trace_a_message_an_answer_or_readable_in_the_store()
    {
        using var eavesdropper = new Eavesdropper();
        await using var installation = await AnInstallation.ConnectedAsync(listener: eavesdropper, configuration: new() { ["HubSpotApp:UsePkce"] = "true" });
        Eavesdropper.KeepMessages(installation.Folder);
        using var http = eavesdropper.Client(installation.Address);
        var hub = new HubApi(http);
        hub.SignInWith(AnInstallation.AdminKey);
        var serviceKey = installation.Services.GetRequiredService<IConfiguration>()["Egress:ServiceKey"]!;
        var secrets = new Dictionary<string, string>
        {
            ["client secret"] = ClientSecret, ["static token"] = StaticToken, ["service key"] = serviceKey, ["administrator's key"] = AnInstallation.AdminKey,
        };

        var (company, subscription) = await AnInstallation.SubscribeAsync(hub, installation.Simulator, account: OtherAccount);
        var id = Guid.Parse(subscription.Split('/')[^1]);
        secrets["subscription's key"] = ServiceKeys.Of(serviceKey, id);
        var ofApproval = await ApproveAgainAsync(installation, hub, subscription);
        await AddTokensAsync("first", installation, id, secrets);
        await ConnectByTokenAsync(installation, http, hub, company, serviceKey);
        await RecordsFlowAsync(installation, hub, company, subscription);
        await WebhooksComeAsync(installation, http, subscription);

        await RefreshAsync(installation, id);
        await AddTokensAsync("second", installation, id, secrets);
        await WrongKeysAndTokensAreShownAsync(installation, http, hub, subscription, serviceKey);
        await TheGrantDiesAsync(installation, hub, subscription, id, secrets["first refresh token"]);
        await AMessageFailsAsync(installation);
        await EveryAddressIsAskedAsync(installation, http, company, subscription);
        secrets["company's key"] = await ACompanysKeyIsUsedAsync(installation, http);

        eavesdropper.HearMessages(installation.Folder);
        eavesdropper.HearStore(installation.Folder);
        secrets["first access token"].ShouldNotBe(secrets["second access token"]);
        secrets.Values.Concat(ofApproval.Values).ShouldAllBe(secret => secret.Length >= 16);
        foreach (var place in new[] { "log Information HubSpotBus.Auth", "log Debug", "trace", "message", "answer 200", "answer 401", "answer 4", "store" })
            eavesdropper.Heard.ShouldContain(heard => heard.Where.StartsWith(place, StringComparison.Ordinal), place);
        foreach (var message in new[] { nameof(ConnectionAuthorised), nameof(ConnectionPaused), nameof(SortHubSpotEvents), "dead" })
            eavesdropper.Heard.ShouldContain(heard => heard.Where == "message" && heard.Text.StartsWith(message, StringComparison.Ordinal), message);
        eavesdropper.Leaks(secrets).Take(20).ShouldBeEmpty();
        // The web host's own lines about requests and redirects, which only this test process keeps, carry the query.
        eavesdropper.Leaks(ofApproval)
            .Where(leak => !ServiceDefaultsExtensions.LogsWithQueries.Any(log => leak.Contains($" in log Information {log}:", StringComparison.Ordinal)))
            .Take(20).ShouldBeEmpty();
    }

    // By a browser that is not listened to: it gets state and code in the addresses it is sent to, and has to.
    private static async Task<Dictionary<string, string>> ApproveAgainAsync(AnInstallation installation, HubApi hub, string subscription)
    {
        using var browser = await ASignedInBrowser.OpenAsync(installation.Address, AnInstallation.AdminKey);
        var callback = HttpUtility.ParseQueryString((await browser.ConnectAsync(subscription, OtherAccount)).Query);
        await ServiceUnderTest.UntilAsync(async () => (string?)(await hub.GetAsync($"{subscription}/connection"))["state"] == "connected", "it is connected again");
        var verifier = installation.Services.GetRequiredService<TokenVault>().TryOpen(Eavesdropper.Verifiers(installation.Folder)[^1])!;
        return new()
        {
            ["code"] = callback["code"]!, ["state"] = callback["state"]!, ["code verifier"] = verifier.Reveal(), ["session"] = browser.SessionSecret,
        };
    }

    private static async Task AddTokensAsync(string which, AnInstallation installation, Guid subscription, Dictionary<string, string> secrets)
    {
        var vault = installation.Services.GetRequiredService<TokenVault>();
        await using var scope = installation.Services.CreateAsyncScope();
        var row = await scope.ServiceProvider.GetRequiredService<AuthDb>().Connections.SingleAsync(c => c.SubscriptionId == subscription);
        secrets[$"{which} access token"] = vault.TryOpen(row.AccessToken!)!.Reveal();
        secrets[$"{which} refresh token"] = vault.TryOpen(row.RefreshToken!)!.Reveal();
    }

    private static async Task ConnectByTokenAsync(AnInstallation installation, HttpClient http, HubApi hub, string company, string serviceKey)
    {
        var made = await hub.PostAsync($"{company}/subscriptions", new { name = "By token", apiUrl = installation.Simulator.BaseAddress.ToString() });
        await ServiceUnderTest.UntilAsync(async () =>
        {
            using var put = new HttpRequestMessage(HttpMethod.Put, $"/internal/connections/{made["id"]}/token") { Content = JsonContent.Create(new { token = StaticToken }) };
            put.Headers.Add(ServiceKeys.Header, ServiceKeys.Of(serviceKey, (Guid)made["id"]!));
            using var answer = await http.SendAsync(put);
            return answer.IsSuccessStatusCode;
        }, "the static token is taken");
        await ServiceUnderTest.UntilAsync(
            async () => (string?)(await hub.GetAsync($"{company}/subscriptions/{made["id"]}/connection"))["state"] == "connected", "it is connected");
        using var ask = new HttpRequestMessage(HttpMethod.Get, $"/internal/connections/{made["id"]}");
        ask.Headers.Add(ServiceKeys.Header, ServiceKeys.Of(serviceKey, (Guid)made["id"]!));
        using var status = await http.SendAsync(ask);
        (await status.Content.ReadAsStringAsync()).ShouldContain("5678"); // its end is shown on purpose
    }

    private static async Task RecordsFlowAsync(AnInstallation installation, HubApi hub, string company, string subscription)
    {
        await hub.PutAsync($"{company}/records/products/P1", Shop.Product("P1", "SKU-1"));
        await hub.PutAsync($"{company}/records/customers/C1", Shop.Customer("C1", email: "ann@example.com"));
        await hub.PutAsync($"{company}/records/transactions/T1", Shop.Transaction("T1", "C1", Shop.Line("1", "SKU-1", 1, 10)));
        await hub.PutAsync($"{company}/records/transactions/T2", Shop.Transaction("T2", "C1", Shop.Line("1", "UNKNOWN", 1, 10)));
        var summary = await AnInstallation.SettledAsync(hub, subscription);
        AnInstallation.Parked(summary).ShouldBeGreaterThan(0);
        (await new HubSpotAccount(installation.Simulator.CreateClient(), OtherAccount).RecordsAsync("orders")).ShouldNotBeEmpty();
    }

    private static async Task WebhooksComeAsync(AnInstallation installation, HttpClient http, string subscription)
    {
        installation.Simulator.Store.Webhooks = new WebhookSettings
        {
            TargetUrl = new Uri(installation.Address, ReceiveWebhook.Path),
            Subscriptions = [new() { Id = 1, SubscriptionType = "contact.creation" }],
        };
        using var hubSpot = installation.Simulator.CreateClient();
        using var made = await hubSpot.PostAsJsonAsync($"/_simulator/portals/{OtherAccount}/records/contacts", new { properties = new { email = "new@example.com" } });
        made.EnsureSuccessStatusCode();
        await ServiceUnderTest.UntilAsync(
            async () => (await hubSpot.GetFromJsonAsync<JsonArray>("/_simulator/webhooks/deliveries"))!.Any(d => (int)d!["status"]! == 200),
            $"the webhook for {subscription} is taken");

        using var forged = new HttpRequestMessage(HttpMethod.Post, ReceiveWebhook.Path) { Content = JsonContent.Create(Array.Empty<object>()) };
        forged.Headers.Add(SignedRequest.V3Header, "forged");
        forged.Headers.Add(SignedRequest.TimestampHeader, "1");
        using var refused = await http.SendAsync(forged);
        ((int)refused.StatusCode).ShouldBe(401);
    }

    private static async Task RefreshAsync(AnInstallation installation, Guid subscription)
    {
        var connection = (await installation.Services.GetRequiredService<LiveConnections>().FindAsync(subscription, default))!;
        await installation.Services.GetRequiredService<AccessTokens>().RefreshAsync(connection, connection.View.AccessToken, default);
    }

    private static async Task WrongKeysAndTokensAreShownAsync(
        AnInstallation installation, HttpClient http, HubApi hub, string subscription, string serviceKey)
    {
        foreach (var path in new[] { $"{subscription}/summary", $"/egress/{subscription.Split('/')[^1]}/crm/objects/contacts" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new("Bearer", AnInstallation.AdminKey + "x");
            request.Headers.Add(ServiceKeys.Header, ServiceKeys.Of(serviceKey, null) + "x");
            using var answer = await http.SendAsync(request);
            ((int)answer.StatusCode).ShouldBe(401);
        }

        using (var token = new HttpRequestMessage(HttpMethod.Put, $"/internal/connections/{subscription.Split('/')[^1]}/token") { Content = JsonContent.Create(new { token = $"{StaticToken} {ClientSecret}" }) })
        {
            token.Headers.Add(ServiceKeys.Header, ServiceKeys.Of(serviceKey, Guid.Parse(subscription.Split('/')[^1])));
            using var answer = await http.SendAsync(token);
            ((int)answer.StatusCode).ShouldBe(400);
        }

        // An approval that HubSpot does not know, in the session that it began in.
        using var browser = await ASignedInBrowser.OpenAsync(installation.Address, AnInstallation.AdminKey);
        using var pressed = await InSessionAsync(HttpMethod.Post, new Uri(installation.Address, $"/subscriptions/{subscription.Split('/')[^1]}/connect"));
        using var begun = await InSessionAsync(HttpMethod.Get, pressed.Headers.Location!);
        var state = Regex.Match(begun.Headers.Location!.Query, "state=([^&]*)").Groups[1].Value;
        using var page = await InSessionAsync(HttpMethod.Get, new Uri(installation.Address, $"/oauth/callback?code=no-code-of-hubspots&state={state}"));
        (await page.Content.ReadAsStringAsync()).ShouldContain("HubSpot did not accept its own code");

        async Task<HttpResponseMessage> InSessionAsync(HttpMethod method, Uri address)
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.Add("Cookie", $"{BrowserSecret.SessionCookie(secure: false)}={browser.SessionSecret}");
            return await http.SendAsync(request);
        }
    }

    private static async Task TheGrantDiesAsync(AnInstallation installation, HubApi hub, string subscription, Guid id, string refreshToken)
    {
        using var hubSpot = installation.Simulator.CreateClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["token"] = refreshToken, ["token_type_hint"] = "refresh_token", ["client_id"] = "hubspotbus-demo", ["client_secret"] = ClientSecret,
        });
        using var revoked = await hubSpot.PostAsync("/oauth/2026-09/token/revoke", form);
        revoked.EnsureSuccessStatusCode();
        await Should.ThrowAsync<ConnectionPausedException>(() => RefreshAsync(installation, id));
        await ServiceUnderTest.UntilAsync(async () => (string?)(await hub.GetAsync($"{subscription}/connection"))["state"] == "paused", "it is paused");
    }

    private static async Task AMessageFailsAsync(AnInstallation installation)
    {
        await using (var scope = installation.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<Outbox<AuthDb>>().SendAsync(new SortHubSpotEvents { Events = null! });
            await scope.ServiceProvider.GetRequiredService<AuthDb>().SaveChangesAsync();
        }

        await ServiceUnderTest.UntilAsync(async () =>
        {
            await using var scope = installation.Services.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<AuthDb>().DeadLetters.AnyAsync();
        }, "the message is among the dead letters");
    }

    /// <summary>Every GET of the public API, and what else is public; each with the administrator's key and without any.</summary>
    private static async Task EveryAddressIsAskedAsync(AnInstallation installation, HttpClient http, string company, string subscription)
    {
        var paths = installation.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>() is null or { HttpMethods: [] } || e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("GET"))
            .Select(e => '/' + Regex.Replace(e.RoutePattern.RawText!, @"\{\*{0,2}(\w+)(:\w+)?\??\}", name => name.Groups[1].Value switch
            {
                "companyId" => company.Split('/')[^1],
                "subscriptionId" => subscription.Split('/')[^1],
                "type" => "transactions",
                "documentName" => "v1",
                _ => "T1",
            }).TrimStart('/')).Distinct().ToList();
        paths.Count.ShouldBeGreaterThan(15);
        paths.ShouldContain("/openapi/v1.json");
        foreach (var path in paths)
        {
            using var answer = await http.GetAsync(path);
            using var anonymous = new HttpRequestMessage(HttpMethod.Get, path);
            anonymous.Headers.Authorization = new("Bearer", "unknown");
            using var refused = await http.SendAsync(anonymous);
        }
    }

    // The answer that makes a company hands its key over, so that one is not listened to.
    private static async Task<string> ACompanysKeyIsUsedAsync(AnInstallation installation, HttpClient http)
    {
        var made = await installation.Hub.PostAsync("/api/companies", new { name = "Another" });
        var key = (string)made["apiKey"]!;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/companies/{made["id"]}");
        request.Headers.Authorization = new("Bearer", key);
        using var answer = await http.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(200);
        return key;
    }
}
