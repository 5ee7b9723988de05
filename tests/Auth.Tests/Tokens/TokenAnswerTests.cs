using System.Text;
using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Tokens;

public sealed class TokenAnswerTests
{
    [Theory]
    [InlineData("""{"error":"invalid_grant","status":"BAD_REFRESH_TOKEN","message":"refresh token is invalid, expired or revoked"}""")]
    [InlineData("""{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token"}""")]
    [InlineData("""{"status":"BAD_AUTH_CODE","message":"missing or unknown auth code"}""")]
    [InlineData("""{"error":"access_denied","status":"BAD_HUB","message":"missing or unknown hub id"}""")]
    [InlineData("""{"error":"invalid_grant"}""")]
    public void A_dead_grant_needs_a_person(string body) => Judge(400, body).ShouldBeOfType<TokenOutcome.GrantRefused>();

    [Theory]
    [InlineData(400, """{"error":"invalid_client","status":"BAD_CLIENT_ID","message":"missing or unknown client id"}""")]
    [InlineData(400, """{"status":"BAD_CLIENT_SECRET","message":"missing or invalid client secret"}""")]
    [InlineData(400, """{"status":"BAD_REDIRECT_URI"}""")]
    [InlineData(401, """{"error":"invalid_client"}""")]
    [InlineData(400, """{"status":"BAD_SCOPES"}""")]
    public void Wrong_app_credentials_are_a_fault_of_the_configuration(int status, string body) =>
        Judge(status, body).ShouldBeOfType<TokenOutcome.AppRefused>();

    [Theory]
    [InlineData(429, "{}")]
    [InlineData(423, "{}")]
    [InlineData(477, "{}")]
    [InlineData(500, "")]
    [InlineData(503, """{"error":"invalid_grant"}""")]
    [InlineData(400, "<html>a proxy speaks</html>")]
    [InlineData(400, "{}")]
    [InlineData(403, "{}")]
    [InlineData(404, """{"message":"no such page"}""")]
    [InlineData(400, """{"status":"SOMETHING_NEW"}""")]
    [InlineData(200, "{}")]
    [InlineData(200, """{"access_token":"","expires_in":1800}""")]
    [InlineData(200, """{"access_token":"t","expires_in":0}""")]
    [InlineData(200, "null")]
    public void The_rest_is_tried_again(int status, string body) => Judge(status, body).ShouldBeOfType<TokenOutcome.Unanswered>();

    [Fact]
    public void A_grant_is_read_with_what_may_be_missing()
    {
        var full = Judge(200, """{"access_token":"a","refresh_token":"r","expires_in":1800,"hub_id":7,"scopes":["oauth","x"]}""")
            .ShouldBeOfType<TokenOutcome.Granted>().Tokens;
        (full.AccessToken, full.RefreshToken, full.ExpiresIn, full.HubSpotAccountId, full.Scopes)
            .ShouldBe(("a", "r", TimeSpan.FromMinutes(30), 7, "oauth x"));
        var bare = Judge(200, """{"access_token":"a","expires_in":60}""").ShouldBeOfType<TokenOutcome.Granted>().Tokens;
        (bare.RefreshToken, bare.HubSpotAccountId, bare.Scopes).ShouldBe((null, null, null));
    }

    private static TokenOutcome Judge(int status, string body) =>
        TokenAnswer.Judge(new Attempt { Status = status, Body = Encoding.UTF8.GetBytes(body) });
}
