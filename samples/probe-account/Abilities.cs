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
        print($"Scopes missing: {(account.MissingScopes.Count == 0 ? "none so far" : string.Join(", ", account.MissingScopes))}");
    }

    private async Task AccountAsync(bool force)
    {
        var details = await DetailsAsync();
        var others = (details.Body["additionalCurrencies"] as JsonArray ?? []).Select(Answer.TextOf);
        var currencies = others.Prepend(details["companyCurrency"]);
        print($"Account {details["portalId"]}: type {details["accountType"]}, currencies {string.Join(", ", currencies)}, "
            + $"time zone {details["timeZone"]} ({details["utcOffset"]}), hosted in {details["dataHostingLocation"]}, "
            + $"pages at {details["uiDomain"]}");
        print($"Limits: {Limit(details, "Max")} calls in {Limit(details, "Interval-Milliseconds")} ms, {Limit(details, "Remaining")} left; "
            + $"a day: {string.Join(", left ", Daily.Select(name => details.Header(name) ?? "not told"))}");
        if (details["accountType"] is "STANDARD" or null && !force)
        {
            throw new ProbeStoppedException("This is no test account. Make a developer test account and give its token; "
                + "FORCE=1 probes this account nevertheless, with records and properties that are deleted afterwards.");
        }
    }

    private async Task<Answer> DetailsAsync()
    {
        try
        {
            return HubSpotApi.Needed(await account.GetAsync($"/account-info/{HubSpotApi.Version}/details"), "read the account's details");
        }
        catch (NotAskedException why)
        {
            throw new ProbeStoppedException($"{account.Address} does not tell what account this is: {why.Message}. "
                + "Is it the address of HubSpot's API (API_URL), can it be reached from here, and has the token the scope oauth?");
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
        catch (Exception why) when (why is ProbeStoppedException or NotAskedException)
        {
            // Not every kind of token is described; account-info took this one.
            print("Token: HubSpot does not tell its scopes");
        }
    }

    private async Task TypeAsync(ObjectType type)
    {
        var records = await ToldAsync(() => account.GetAsync(HubSpotApi.Objects(type, "?limit=1")), _ => "answer");
        var properties = await ToldAsync(() => account.GetAsync(HubSpotApi.Properties(type)), PropertiesTold);
        var made = await ToldAsync(() => account.UniquePropertyAsync(type), _ => "can be made");
        print($"{type}: records {records}; properties {properties}; a unique property {made}");
    }

    private static string PropertiesTold(Answer answer)
    {
        var unique = answer.Results.Where(p => Answer.TextOf(p["hasUniqueValue"]) == "true").Select(p => Answer.TextOf(p["name"])).ToList();
        var names = answer.Results.Select(p => Answer.TextOf(p["name"])).OfType<string>();
        var left = names.Where(n => n.StartsWith(ProbedAccount.Prefix, StringComparison.Ordinal)).ToList();
        return $"{answer.Results.Count}, unique {(unique.Count == 0 ? "none" : string.Join(", ", unique))}"
            + (left.Count == 0 ? "" : $", left by an earlier probe (delete them) {string.Join(", ", left)}");
    }

    private static async Task<string> ToldAsync(Func<Task<Answer>> ask, Func<Answer, string> told)
    {
        try
        {
            var answer = await ask();
            return answer.IsSuccess ? told(answer) : $"{answer.Said}: {answer.Telling}";
        }
        catch (NotAskedException why)
        {
            return $"no ({why.Message})";
        }
    }

    private static string Limit(Answer answer, string name) => answer.Header($"X-HubSpot-RateLimit-{name}") ?? "?";
}
