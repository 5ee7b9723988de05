using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.OAuth;

public sealed class TokenTests
{
    [Theory]
    [InlineData("v1")]
    [InlineData("v3")]
    [InlineData("2026-03")]
    [InlineData("2026-09")]
    public async Task A_code_becomes_tokens_that_work(string version)
    {
        await using var simulator = await ASimulator.StartAsync();

        var tokens = (await simulator.RedeemAsync((await simulator.ConsentAsync("approve"))["code"], version)).Body;
        simulator.Token = (string)tokens["access_token"]!;
        var details = await simulator.GetAsync("/account-info/2026-09/details");

        ((string)tokens["token_type"]!).ShouldBe("bearer");
        ((int)tokens["expires_in"]!).ShouldBe(1800);
        tokens["scopes"]!.AsArray().Select(s => (string)s!).ShouldContain("crm.objects.orders.read");
        ((long)details.Body["portalId"]!).ShouldBe(12345678);
    }

    [Fact]
    public async Task A_code_works_once()
    {
        await using var simulator = await ASimulator.StartAsync();
        var code = (await simulator.ConsentAsync("approve"))["code"];
        (await simulator.RedeemAsync(code)).Status.ShouldBe(200);

        var again = await simulator.RedeemAsync(code);

        (again.Status, (string?)again.Body["status"], again.Message).ShouldBe((400, "BAD_AUTH_CODE", "missing or unknown auth code"));
    }

    [Theory]
    [InlineData("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", 200)]
    [InlineData("another-verifier", 400)]
    [InlineData("", 400)]
    public async Task A_code_asked_for_with_a_challenge_takes_the_verifier_of_it_only(string verifier, int status)
    {
        await using var simulator = await ASimulator.StartAsync();
        var code = (await simulator.ConsentAsync("approve", challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"))["code"];

        var said = await simulator.TokenAsync("2026-09", ("grant_type", "authorization_code"), ("code", code),
            ("redirect_uri", Consenting.RedirectUri), ("code_verifier", verifier));

        said.Status.ShouldBe(status);
        if (status != 200)
        {
            ((string?)said.Body["status"]).ShouldBe("BAD_CODE_VERIFIER");
        }
    }

    [Fact]
    public async Task An_old_code_works_no_more()
    {
        await using var simulator = await ASimulator.StartAsync();
        var code = (await simulator.ConsentAsync("approve"))["code"];
        simulator.Time.Advance(TimeSpan.FromMinutes(11));

        (await simulator.RedeemAsync(code)).Status.ShouldBe(400);
    }

    [Fact]
    public async Task An_access_token_expires_and_a_refresh_brings_a_new_one()
    {
        await using var simulator = await ASimulator.StartAsync();
        var refreshToken = await simulator.ConnectAsync();
        simulator.Time.Advance(TimeSpan.FromSeconds(1875));

        var late = await simulator.GetAsync("/account-info/2026-09/details");
        var refreshed = await simulator.RefreshAsync(refreshToken);
        simulator.Token = (string)refreshed.Body["access_token"]!;

        (late.Status, late.Category).ShouldBe((401, "EXPIRED_AUTHENTICATION"));
        late.Message.ShouldBe("The OAuth token used to make this call expired 75 second(s) ago.");
        ((string)refreshed.Body["refresh_token"]!).ShouldBe(refreshToken);
        (await simulator.GetAsync("/account-info/2026-09/details")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_refresh_token_that_was_revoked_or_never_was_is_refused()
    {
        await using var simulator = await ASimulator.StartAsync();
        var refreshToken = await simulator.ConnectAsync();
        await simulator.SubmitAsync("/oauth/2026-09/token/revoke", [("token", refreshToken), .. Consenting.Client]);

        foreach (var token in new[] { refreshToken, "na1-unknown" })
        {
            var refused = await simulator.RefreshAsync(token);

            refused.Status.ShouldBe(400);
            ((string)refused.Body["status"]!).ShouldBe("BAD_REFRESH_TOKEN");
            ((string)refused.Body["error"]!).ShouldBe("invalid_grant");
            refused.Message.ShouldBe("refresh token is invalid, expired or revoked");
        }
    }

    [Theory]
    [InlineData("client_id", "BAD_CLIENT_ID")]
    [InlineData("client_secret", "BAD_CLIENT_SECRET")]
    public async Task A_wrong_client_is_refused(string field, string status)
    {
        await using var simulator = await ASimulator.StartAsync();

        var refused = await simulator.SubmitAsync(
            "/oauth/2026-09/token", [("grant_type", "refresh_token"), .. Consenting.Client.Where(c => c.Item1 != field), (field, "wrong")]);

        (refused.Status, (string?)refused.Body["status"]).ShouldBe((400, status));
    }

    [Fact]
    public async Task What_nobody_has_asked_HubSpot_about_its_tokens_can_be_set()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { RevokeStatus = 200, BadClient = "INVALID_CLIENT", IgnoresProofKeys = true });

        var wrong = await simulator.SubmitAsync("/oauth/2026-09/token", ("grant_type", "refresh_token"), ("client_id", "wrong"));
        var unproved = await simulator.RedeemAsync((await simulator.ConsentAsync("approve", challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"))["code"]);
        var revoked = await simulator.SubmitAsync(
            "/oauth/2026-09/token/revoke", [("token", (string)unproved.Body["refresh_token"]!), .. Consenting.Client]);

        ((string?)wrong.Body["status"], unproved.Status, revoked.Status).ShouldBe(("INVALID_CLIENT", 200, 200));
    }

    [Fact]
    public async Task Older_refusals_of_tokens_say_less()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { OlderOAuthErrors = true, UnknownTokensAreExpired = true });

        var refused = await simulator.RefreshAsync("gone");
        simulator.Token = "gone";
        var call = await simulator.GetAsync("/account-info/2026-09/details");
        simulator.Token = "";
        var none = await simulator.GetAsync("/account-info/2026-09/details");

        (refused.Status, (string?)refused.Body["status"], refused.Message, refused.Body["error"], refused.Body["error_description"])
            .ShouldBe((400, "BAD_REFRESH_TOKEN", "missing or invalid refresh token", null, null));
        ((string?)refused.Body["correlationId"]).ShouldNotBeNull();
        (call.Status, call.Category, (string?)call.Body["context"]!["expire time"]![0]).ShouldBe((401, "EXPIRED_AUTHENTICATION", "1970-01-01T00:00:00.000Z"));
        (none.Status, none.Category).ShouldBe((401, "INVALID_AUTHENTICATION"));
    }

    [Theory]
    [InlineData("BAD_REDIRECT_URI", "authorization_code", "http://elsewhere.example/")]
    [InlineData("BAD_GRANT_TYPE", "password", "")]
    [InlineData("BAD_AUTH_CODE", "authorization_code", "")]
    public async Task A_request_for_tokens_that_is_not_whole_is_refused_in_HubSpots_words(string status, string grant, string redirect)
    {
        await using var simulator = await ASimulator.StartAsync();
        var code = redirect.Length > 0 ? (await simulator.ConsentAsync("approve"))["code"] : "unknown";

        var refused = await simulator.SubmitAsync(
            "/oauth/2026-09/token", [("grant_type", grant), ("code", code), ("redirect_uri", redirect), .. Consenting.Client]);

        (refused.Status, (string?)refused.Body["status"]).ShouldBe((400, status));
    }

    [Theory]
    [InlineData("token")]
    [InlineData("access_token")]
    public async Task Introspection_knows_an_access_token_under_both_names_of_the_field(string field)
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.ConnectAsync();

        var known = await simulator.SubmitAsync("/oauth/2026-09/token/introspect", [(field, simulator.Token), .. Consenting.Client]);

        ((bool)known.Body["active"]!).ShouldBeTrue();
        ((long)known.Body["hub_id"]!).ShouldBe(12345678);
        ((string)known.Body["user"]!).ShouldBe("ann@example.com");
    }

    [Fact]
    public async Task Introspection_of_a_dead_token_is_a_200_that_says_so()
    {
        await using var simulator = await ASimulator.StartAsync();

        var unknown = await simulator.SubmitAsync("/oauth/v3/token/introspect", [("token", "gone"), .. Consenting.Client]);

        (unknown.Status, (bool)unknown.Body["active"]!).ShouldBe((200, false));
    }

    [Fact]
    public async Task Uninstalling_kills_every_token_of_the_account()
    {
        await using var simulator = await ASimulator.StartAsync();
        var refreshToken = await simulator.ConnectAsync();

        (await simulator.SendAsync(HttpMethod.Delete, "/appinstalls/2026-09/external-install")).Status.ShouldBe(204);

        (await simulator.GetAsync("/account-info/2026-09/details")).Category.ShouldBe("INVALID_AUTHENTICATION");
        (await simulator.RefreshAsync(refreshToken)).Status.ShouldBe(400);
    }

    [Fact]
    public async Task A_call_without_a_token_is_refused()
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Token = "";

        var refused = await simulator.GetAsync("/crm/objects/2026-09/contacts");

        (refused.Status, refused.Category).ShouldBe((401, "INVALID_AUTHENTICATION"));
        refused.Message!.ShouldStartWith("Authentication credentials not found.");
    }

    [Fact]
    public async Task The_older_calls_tell_of_tokens_and_revoking_a_refresh_token_leaves_its_access_tokens()
    {
        await using var simulator = await ASimulator.StartAsync();
        var refreshToken = await simulator.ConnectAsync();

        var access = await simulator.GetAsync($"/oauth/v1/access-tokens/{simulator.Token}");
        var refresh = await simulator.GetAsync($"/oauth/v1/refresh-tokens/{refreshToken}");
        var revoked = await simulator.SendAsync(HttpMethod.Delete, $"/oauth/v1/refresh-tokens/{refreshToken}");

        ((long)access.Body["hub_id"]!, (int)access.Body["expires_in"]!, (string)access.Body["user"]!)
            .ShouldBe((12345678L, 1800, "ann@example.com"));
        ((string)refresh.Body["token"]!, (string)refresh.Body["token_type"]!).ShouldBe((refreshToken, "refresh"));
        revoked.Status.ShouldBe(204);
        (await simulator.GetAsync($"/oauth/v1/refresh-tokens/{refreshToken}")).Status.ShouldBe(404);
        (await simulator.GetAsync("/account-info/2026-09/details")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("GET", "/crm/properties/2026-09/contacts", "crm.schemas.contacts.read")]
    [InlineData("POST", "/crm/properties/2026-09/orders", "crm.schemas.orders.write")]
    [InlineData("GET", "/crm/pipelines/2026-09/orders", "crm.pipelines.orders.read")]
    [InlineData("POST", "/crm/associations/2026-09/contacts/deals/batch/read", "crm.objects.deals.read")]
    [InlineData("POST", "/crm/objects/2026-09/orders/merge", "crm.objects.orders.write")]
    public async Task Definitions_pipelines_associations_and_merges_have_scopes_too(string method, string path, string scope)
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.ConnectAsync();

        var refused = await simulator.SendAsync(new HttpMethod(method), path, method == "POST" ? new { } : null);

        (refused.Status, refused.Category).ShouldBe((403, "MISSING_SCOPES"));
        refused.Errors.Single()["context"]!["requiredGranularScopes"]!.AsArray().Select(s => (string)s!).ShouldBe([scope]);
    }

    [Fact]
    public async Task Older_accounts_name_a_missing_scope_on_top()
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Switch(new() { MissingScopesOnTop = true });
        await simulator.ConnectAsync();

        var refused = await simulator.PostAsync("/crm/objects/2026-09/orders", new { properties = new { hs_order_name = "1" } });

        (refused.Status, refused.Category, refused.Body["errors"]).ShouldBe((403, "MISSING_SCOPES", null));
        refused.Body["context"]!["requiredGranularScopes"]!.AsArray().Select(s => (string)s!).ShouldBe(["crm.objects.orders.write"]);
    }

    [Fact]
    public async Task The_app_gets_a_token_of_its_own_for_the_journal_that_opens_no_account()
    {
        await using var simulator = await ASimulator.StartAsync();

        var said = await simulator.TokenAsync("2026-09", ("grant_type", "client_credentials"), ("scope", "webhooks-journal-read webhooks-journal-subscriptions"));
        var told = await simulator.SubmitAsync("/oauth/2026-09/token/introspect", [("token", (string)said.Body["access_token"]!), .. Consenting.Client]);
        simulator.Token = (string)said.Body["access_token"]!;
        var refused = await simulator.GetAsync("/crm/objects/2026-09/contacts");

        (said.Status, (int)said.Body["expires_in"]!, said.Body["refresh_token"], said.Body["hub_id"]).ShouldBe((200, 1800, null, null));
        ((bool)told.Body["active"]!, told.Body["hub_id"]).ShouldBe((true, null));
        told.Body["scopes"]!.AsArray().Count.ShouldBe(2);
        (refused.Status, refused.Category).ShouldBe((401, "INVALID_AUTHENTICATION"));
    }

    [Theory]
    [InlineData("client_credentials", "")]
    [InlineData("client_credentials", "webhooks-journal-read crm.objects.contacts.read")]
    [InlineData("refresh_token", "oauth crm.objects.deals.read")]
    public async Task Scopes_that_are_not_to_be_had_are_refused(string grant, string scope)
    {
        await using var simulator = await ASimulator.StartAsync();
        var refreshToken = await simulator.ConnectAsync();

        var refused = await simulator.TokenAsync("2026-09", ("grant_type", grant), ("refresh_token", refreshToken), ("scope", scope));

        (refused.Status, (string?)refused.Body["status"], (string?)refused.Body["error"]).ShouldBe((400, "BAD_SCOPES", "invalid_scope"));
        (await simulator.TokenAsync("2026-09", ("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("scope", "oauth"))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_scope_that_was_not_granted_is_named()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.ConnectAsync();

        var read = await simulator.GetAsync("/crm/objects/2026-09/orders");
        var write = await simulator.PostAsync("/crm/objects/2026-09/orders", new { properties = new { hs_order_name = "1" } });

        read.Status.ShouldBe(200);
        (write.Status, write.Category).ShouldBe((403, "MISSING_SCOPES"));
        write.Errors.Single()["context"]!["requiredGranularScopes"]!.AsArray().Single()!.GetValue<string>().ShouldBe(
            "crm.objects.orders.write");
        (await simulator.RecordsAsync("orders")).ShouldBeEmpty();
    }
}
