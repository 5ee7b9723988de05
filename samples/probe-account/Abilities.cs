using System.Text.Json.Nodes;

namespace HubSpotBus.Samples.ProbeAccount;

/// <summary>What the account and its token can do: printed before anything is asked in detail.</summary>
internal sealed class Abilities(ProbedAccount account, Action<string> print)
{
    private static readonly string[] Daily = ["X-HubSpot-RateLimit-Daily", "X-HubSpot-RateLimit-Daily-Remaining"];

    /// <summary>Stops the probe on an account of a company's own, unless that is wanted.</summary>
    public async Task PrintAsync(bool force)
    {
        await AccountAsync(force);
        await TokenAsync();
        foreach (var type in ObjectType.All)
            await TypeAsync(type);
        print(account.MissingScopes.Count == 0 ? "Scopes missing: none so far" : $"Scopes missing: {string.Join(", ", account.MissingScopes)}");
    }

    private async Task AccountAsync(bool force)
    {
        var details = await account.GetAsync($"/account-info/{ProbedAccount.Version}/details");
        if (!details.IsSuccess)
            throw new ProbeStoppedException($"The account does not tell what it is ({details.Said}: {details.Telling}). "
                + "Give an address of HubSpot's API (API_URL) and a token with the scope oauth.");

        var others = (details.Body["additionalCurrencies"] as JsonArray ?? []).Select(Answer.TextOf);
        print($"Account {details["portalId"]}: type {details["accountType"]}, currencies {string.Join(", ", others.Prepend(details["companyCurrency"]))}, "
            + $"time zone {details["timeZone"]} ({details["utcOffset"]}), hosted in {details["dataHostingLocation"]}, pages at {details["uiDomain"]}");
        print($"Limits: {Limit(details, "Max")} calls in {Limit(details, "Interval-Milliseconds")} ms, {Limit(details, "Remaining")} left; "
            + $"a day: {string.Join(", left ", Daily.Select(name => details.Header(name) ?? "not told"))}");
        if (details["accountType"] is "STANDARD" or null && !force)
        {
            throw new ProbeStoppedException("This is no test account. Make a developer test account and give its token; "
                + "FORCE=1 probes this account nevertheless, with records and properties that are deleted afterwards.");
        }
    }

    private async Task TokenAsync()
    {
        try
        {
            var info = await account.TokenInfoAsync();
            var scopes = (info.Body["scopes"] as JsonArray ?? []).Select(Answer.TextOf).ToList();
            print(info.IsSuccess && scopes.Count > 0
                ? $"Token: {scopes.Count} scopes: {string.Join(", ", scopes)}"
                : $"Token: HubSpot does not tell its scopes ({info.Said}: {info.Telling})");
        }
        catch (ProbeStoppedException)
        {
            // A 401 here says that this kind of token is not described; account-info took it.
            print("Token: HubSpot does not tell its scopes (401)");
        }
    }

    private async Task TypeAsync(ObjectType type)
    {
        var list = await account.GetAsync(ProbedAccount.Objects(type, "?limit=1"));
        var properties = await account.GetAsync(ProbedAccount.Properties(type));
        var unique = properties.Results.Where(p => Answer.TextOf(p["hasUniqueValue"]) == "true").Select(p => Answer.TextOf(p["name"])).ToList();
        print($"{type}: records {Told(list)}; {(properties.IsSuccess ? $"{properties.Results.Count} properties" : $"properties {Told(properties)}")}, "
            + $"unique: {(unique.Count == 0 ? "none" : string.Join(", ", unique))}; making a unique property: {await UniqueAsync(type)}");
    }

    private async Task<string> UniqueAsync(ObjectType type)
    {
        try
        {
            return Told(await account.UniquePropertyAsync(type));
        }
        catch (NotAskedException why)
        {
            return $"not tried ({why.Message})";
        }
    }

    private static string Told(Answer answer) => answer.IsSuccess ? $"answer {answer.Said}" : answer.RequiredScopes.ToList() is { Count: > 0 } scopes
        ? $"{answer.Said}, needs {string.Join(", ", scopes)}"
        : $"{answer.Said}: {answer.Telling}";

    private static string Limit(Answer answer, string name) => answer.Header($"X-HubSpot-RateLimit-{name}") ?? "?";
}
