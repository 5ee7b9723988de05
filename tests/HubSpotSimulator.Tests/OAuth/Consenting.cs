using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Shouldly;

namespace HubSpotBus.HubSpotSimulator.Tests.OAuth;

/// <summary>Follows the consent pages as a script does: by the forms they contain.</summary>
internal static partial class Consenting
{
    public const string RedirectUri = "http://localhost/oauth/callback";

    private static readonly string[] Scopes =
        ["oauth", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.companies.read", "crm.objects.companies.write"];

    public static async Task<Dictionary<string, string>> ConsentAsync(
        this ASimulator simulator, string decision, string portalId = ASimulator.Northwind, string start = "/oauth/authorize", string? challenge = null)
    {
        var asked = QueryHelpers.AddQueryString(start, new Dictionary<string, string?>
        {
            ["client_id"] = "hubspotbus-demo",
            ["redirect_uri"] = RedirectUri,
            ["scope"] = string.Join(' ', Scopes),
            ["optional_scope"] = "crm.objects.orders.read crm.schemas.orders.read",
            ["state"] = "a state & more",
            ["code_challenge"] = challenge,
            ["code_challenge_method"] = challenge is null ? null : "S256",
        });
        var signIn = await simulator.GetAsync(asked);
        var choose = await simulator.SubmitAsync("/oauth/authorize", [.. HiddenFields(signIn.Text), ("email", "ann@example.com")]);
        choose.Text.ShouldContain($"value='{portalId}'");
        var back = await simulator.SubmitAsync(
            "/oauth/authorize", [.. HiddenFields(choose.Text), ("portalId", portalId), ("decision", decision)]);
        back.Status.ShouldBe(302);
        back.Location!.ToString().ShouldStartWith(RedirectUri);
        return QueryHelpers.ParseQuery(back.Location.Query).ToDictionary(q => q.Key, q => q.Value.ToString());
    }

    public static Task<Said> RedeemAsync(this ASimulator simulator, string code, string version = "2026-09") => simulator.TokenAsync(
        version, ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", RedirectUri));

    public static Task<Said> RefreshAsync(this ASimulator simulator, string refreshToken) =>
        simulator.TokenAsync("2026-09", ("grant_type", "refresh_token"), ("refresh_token", refreshToken));

    public static Task<Said> TokenAsync(this ASimulator simulator, string version, params (string, string)[] fields) =>
        simulator.SubmitAsync($"/oauth/{version}/token", [.. fields, .. Client]);

    public static (string, string)[] Client => [("client_id", "hubspotbus-demo"), ("client_secret", "hubspotbus-demo-secret")];

    /// <summary>Connects the first portal; calls are made with the new access token from here on. Returns the refresh token.</summary>
    public static async Task<string> ConnectAsync(this ASimulator simulator)
    {
        var said = await simulator.RedeemAsync((await simulator.ConsentAsync("approve"))["code"]);
        simulator.Token = (string)said.Body["access_token"]!;
        return (string)said.Body["refresh_token"]!;
    }

    private static IEnumerable<(string, string)> HiddenFields(string html) => Hidden().Matches(html)
        .Select(m => (m.Groups[1].Value, WebUtility.HtmlDecode(m.Groups[2].Value)));

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\">")]
    private static partial Regex Hidden();
}
