namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>Point 8: what OAuth says. Most of it is said to an app only, by its client id and secret.</summary>
internal static class OAuth
{
    private const string NeedsAnApp = "asked with an app's client id and secret; a static token has neither";

    public static readonly IReadOnlyList<Fact> Facts =
    [
        new(8, "token endpoint, unknown client id: status, error, message",
            "400 BAD_CLIENT_ID, invalid_client, missing or unknown client id", UnknownClientAsync),
        Fact.NotAskable(8, "wording of BAD_CLIENT_SECRET", NeedsAnApp),
        Fact.NotAskable(8, "status and body of token/revoke", NeedsAnApp),
        Fact.NotAskable(8, "field name of token/introspect", NeedsAnApp),
        Fact.NotAskable(8, "PKCE at the authorize page", "a page for a person who is signed in, of an app"),
    ];

    private static async Task<Finding> UnknownClientAsync(ProbedAccount account)
    {
        var answer = await account.PostAsync($"/oauth/{HubSpotApi.Version}/token", new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["client_id"] = "00000000-0000-0000-0000-000000000000",
            ["client_secret"] = "00000000-0000-0000-0000-000000000000",
            ["refresh_token"] = "na1-00000000-0000-0000-0000-000000000000",
        });
        return new($"{answer.Status} {answer["status"]}, {answer["error"] ?? "no error"}, {answer["message"]}");
    }
}
