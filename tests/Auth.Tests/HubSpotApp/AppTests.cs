using System.Data.Common;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Web;
using HubSpotBus.Auth.HubSpotApp;
using HubSpotBus.Auth.Tests.Webhooks;
using HubSpotBus.Auth.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static HubSpotBus.Auth.Tests.ScriptedHubSpot;

namespace HubSpotBus.Auth.Tests.HubSpotApp;

public sealed class AppTests
{
    private const string BadCode = """{"status":"BAD_AUTH_CODE","error":"invalid_grant","message":"missing or unknown auth code"}""";
    private const string BadSecret = """{"status":"BAD_CLIENT_SECRET","error":"invalid_client","message":"wrong secret"}""";

    [Fact]
    public async Task Without_an_app_what_it_has_to_be_like_is_shown_for_the_address_that_the_user_sees()
    {
        await using var auth = await WithoutAppAsync(new() { ["HubSpotApp:PublicUrl"] = "" });
        var app = await ShowAsync(auth, "?root=https://bus.example/hub");
        ((string)app["redirectUrl"]!, (string)app["webhookUrl"]!, (string)app["source"]!).ShouldBe(
            ("https://bus.example/hub/oauth/callback", "https://bus.example/hub/webhooks/hubspot", "None"));
        app["scopes"]!.AsArray().Count.ShouldBe(HubSpotAppOptions.DefaultScopes.Split(' ').Length);
        ((string)app["warnings"]!.AsArray().Single()!).ShouldContain("until HubSpotApp:PublicUrl says");
    }

    [Theory]
    [InlineData("https://bus.example/", null)]
    [InlineData("http://localhost:5180/", "no changes made there")]
    [InlineData("http://127.0.0.1:5180/", "no changes made there")]
    [InlineData("http://bus.example/", "not https")]
    [InlineData("http://localhost.example/", "not https")]
    public void A_public_address_without_https_is_warned_of_and_localhost_only_of_webhooks(string publicUrl, string? warning)
    {
        var warnings = ShowApp.Warnings(new Uri(publicUrl));
        if (warning is null)
            warnings.ShouldBeEmpty();
        else
            warnings.Single().ShouldContain(warning);
    }

    [Fact]
    public async Task An_app_that_HubSpot_knows_is_stored_encrypted_and_used_at_once()
    {
        await using var auth = await WithoutAppAsync();
        auth.HubSpot.TokenAnswer = call => Task.FromResult(call.Body.Contains("a-test-of-client-id", StringComparison.Ordinal) ? Status(400, BadCode)() : null);
        (await PutAsync(auth, " the-stored-client ", "the-stored-secret")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var row = await auth.Service.ReadAsync<AuthDb, StoredApp>(db => db.StoredApps.SingleAsync(TestContext.Current.CancellationToken));
        row.ClientSecret.ShouldNotContain("the-stored-secret");
        var app = await ShowAsync(auth);
        ((string)app["source"]!, (string)app["clientId"]!).ShouldBe(("Stored", "the-stored-client"));
        app.ToJsonString().ShouldNotContain("the-stored-secret");
        await auth.SaveAsync();
        (await auth.ConnectAsync(auth.Browser())).StatusCode.ShouldBe(HttpStatusCode.OK);
        var form = HttpUtility.ParseQueryString(auth.HubSpot.TokenRequests[^1].Body);
        (form["client_id"], form["client_secret"]).ShouldBe(("the-stored-client", "the-stored-secret"));
        auth.Service.Log.All.ShouldNotContain(line => line.Contains("the-stored-secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Webhooks_are_verified_with_the_secret_of_a_stored_app()
    {
        await using var auth = await WithoutAppAsync(new() { ["HubSpotApp:PublicUrl"] = "http://bus.example" });
        (await new AWebhook().SendAsync(auth)).ShouldBe(HttpStatusCode.Unauthorized);
        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(Status(400, BadCode)());
        (await PutAsync(auth, "the-stored-client", AWebhook.Secret)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await new AWebhook().SendAsync(auth)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_app_that_HubSpot_refuses_is_not_stored_and_HubSpots_words_are_told()
    {
        await using var auth = await WithoutAppAsync();
        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(Status(400, BadSecret)());
        using var refused = await PutAsync(auth, "the-client", "a-wrong-secret");
        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("wrong secret");
        ((string)(await ShowAsync(auth))["source"]!).ShouldBe("None");
    }

    [Fact]
    public async Task When_HubSpot_cannot_be_asked_nothing_is_stored_and_nothing_is_held_against_the_app()
    {
        await using var auth = await WithoutAppAsync();
        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(Status(503)());
        (await PutAsync(auth, "the-client", "the-secret")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        ((string)(await ShowAsync(auth))["source"]!).ShouldBe("None");
    }

    [Theory]
    [InlineData("", "secret")]
    [InlineData("client", "")]
    [InlineData("two words", "secret")]
    [InlineData("client", "a\r\nsecret")]
    public async Task What_is_no_client_id_or_secret_is_refused_without_asking_HubSpot(string clientId, string secret)
    {
        await using var auth = await WithoutAppAsync();
        (await PutAsync(auth, clientId, secret)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        auth.HubSpot.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_configuration_wins_says_so_and_can_be_tested()
    {
        await using var auth = await AuthUnderTest.StartAsync();
        ((string)(await ShowAsync(auth))["source"]!).ShouldBe("Configuration");
        using var refused = await PutAsync(auth, "another-client", "another-secret");
        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("in the configuration");

        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(Status(400, BadCode)());
        (await TestAsync(auth)).Accepted.ShouldBeTrue();
        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(Status(400, BadSecret)());
        (await TestAsync(auth)).Accepted.ShouldBeFalse();
    }

    [Fact]
    public async Task The_secret_may_lie_in_a_file()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "the-secret-of-the-file\n", TestContext.Current.CancellationToken);
        await using var auth = await AuthUnderTest.StartAsync(new() { ["HubSpotApp:ClientSecret"] = "", ["HubSpotApp:ClientSecretFile"] = file });
        await TestAsync(auth);
        HttpUtility.ParseQueryString(auth.HubSpot.TokenRequests.Single().Body)["client_secret"].ShouldBe("the-secret-of-the-file");
        File.Delete(file);
    }

    [Fact]
    public async Task A_forgotten_app_is_used_no_more()
    {
        await using var auth = await WithoutAppAsync();
        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(Status(400, BadCode)());
        await PutAsync(auth, "the-client", "the-secret");
        (await auth.Inside().DeleteAsync(new Uri("/internal/hubspot-app", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode
            .ShouldBe(HttpStatusCode.NoContent);
        ((string)(await ShowAsync(auth))["source"]!).ShouldBe("None");
    }

    [Fact]
    public async Task A_webhook_does_not_wait_for_a_store_that_has_not_told_the_app_yet()
    {
        await using var auth = await WithoutAppAsync();
        using var store = new SlowStore();
        var slow = new DbContextOptionsBuilder<AuthDb>(auth.Service.Services.GetRequiredService<DbContextOptions<AuthDb>>()).AddInterceptors(store).Options;
        await using var services = new ServiceCollection().AddScoped(_ => new AuthDb(slow)).BuildServiceProvider();
        var time = new FakeTimeProvider();
        var credentials = new AppCredentials(
            services.GetRequiredService<IServiceScopeFactory>(), auth.Service.Services.GetRequiredService<TokenVault>(), Options.Create(new HubSpotAppOptions()), time);
        store.Stall();

        var webhook = credentials.FindForWebhookAsync(TestContext.Current.CancellationToken).AsTask();
        time.Advance(TimeSpan.FromSeconds(0.8));
        (await webhook.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).ShouldBe((false, null));
        store.GoOn();
        (await credentials.FindForWebhookAsync(TestContext.Current.CancellationToken)).ShouldBe((true, null));
    }

    [Fact]
    public async Task While_the_store_is_slow_a_webhook_takes_the_app_that_was_known_and_everybody_else_waits_for_the_one_that_is_stored()
    {
        await using var auth = await WithoutAppAsync();
        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(Status(400, BadCode)());
        await PutAsync(auth, "the-first-client", "the-secret");
        using var store = new SlowStore();
        var slow = new DbContextOptionsBuilder<AuthDb>(auth.Service.Services.GetRequiredService<DbContextOptions<AuthDb>>()).AddInterceptors(store).Options;
        await using var services = new ServiceCollection().AddScoped(_ => new AuthDb(slow)).BuildServiceProvider();
        var time = new FakeTimeProvider();
        var credentials = new AppCredentials(
            services.GetRequiredService<IServiceScopeFactory>(), auth.Service.Services.GetRequiredService<TokenVault>(), Options.Create(new HubSpotAppOptions()), time);
        (await credentials.FindAsync(TestContext.Current.CancellationToken))!.ClientId.ShouldBe("the-first-client");
        await PutAsync(auth, "the-second-client", "the-secret");
        time.Advance(TimeSpan.FromSeconds(5));
        store.Stall();

        var (webhook, connecting) = (
            credentials.FindForWebhookAsync(TestContext.Current.CancellationToken).AsTask(), credentials.FindAsync(TestContext.Current.CancellationToken).AsTask());
        time.Advance(TimeSpan.FromSeconds(0.8));
        (await webhook).Credential!.ClientId.ShouldBe("the-first-client");
        connecting.IsCompleted.ShouldBeFalse();
        store.GoOn();
        (await connecting)!.ClientId.ShouldBe("the-second-client");
    }

    [Fact]
    public async Task Without_the_service_key_nobody_sees_or_changes_the_app()
    {
        await using var auth = await WithoutAppAsync();
        var outside = auth.Inside(null);
        foreach (var (method, path) in new[] { ("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/test") })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "/internal/hubspot-app" + path);
            if (method == "PUT")
                request.Content = JsonContent.Create(new { clientId = "c", clientSecret = "s" });
            (await outside.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, method + path);
        }

        auth.HubSpot.Seen.ShouldBeEmpty();
    }

    private static Task<AuthUnderTest> WithoutAppAsync(Dictionary<string, string?>? settings = null)
    {
        settings ??= [];
        (settings["HubSpotApp:ClientId"], settings["HubSpotApp:ClientSecret"]) = ("", "");
        return AuthUnderTest.StartAsync(settings);
    }

    private static async Task<JsonNode> ShowAsync(AuthUnderTest auth, string query = "") =>
        (await auth.Inside().GetFromJsonAsync<JsonNode>("/internal/hubspot-app" + query, TestContext.Current.CancellationToken))!;

    private static Task<HttpResponseMessage> PutAsync(AuthUnderTest auth, string clientId, string clientSecret) =>
        auth.Inside().PutAsJsonAsync("/internal/hubspot-app", new { clientId, clientSecret }, TestContext.Current.CancellationToken);

    private static async Task<AppVerdict> TestAsync(AuthUnderTest auth)
    {
        using var answer = await auth.Inside().PostAsync(new Uri("/internal/hubspot-app/test", UriKind.Relative), null, TestContext.Current.CancellationToken);
        return (await answer.Content.ReadFromJsonAsync<AppVerdict>(TestContext.Current.CancellationToken))!;
    }

    private sealed class SlowStore : DbCommandInterceptor, IDisposable
    {
        private readonly SemaphoreSlim _answers = new(1, 1);

        public void Stall() => _answers.Wait();

        public void GoOn() => _answers.Release();

        public void Dispose() => _answers.Dispose();

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            await _answers.WaitAsync(cancellationToken);
            _answers.Release();
            return result;
        }
    }
}
