using System.Net;
using System.Text;
using HubSpotBus.HubSpotSimulator.Store;
using Microsoft.AspNetCore.WebUtilities;

namespace HubSpotBus.HubSpotSimulator.OAuth;

/// <summary>What the user sees: sign in, choose an account, approve or deny. Plain forms, so that a script can follow them too.</summary>
internal static class Consent
{
    private static readonly string[] Kept = ["client_id", "redirect_uri", "scope", "optional_scope", "state", "code_challenge", "code_challenge_method"];

    public static void MapConsent(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/oauth/authorize", (HttpContext http, SimulatorStore store) => Start(http, store, null));
        routes.MapGet("/oauth/{portalId:long}/authorize", Start);
        routes.MapPost("/oauth/authorize", GoOnAsync);
    }

    private static IResult Start(HttpContext http, SimulatorStore store, long? portalId)
    {
        var asked = Kept.ToDictionary(k => k, k => http.Request.Query[k].ToString());
        if (Problem(asked, store.Options) is { } problem)
        {
            return Page("This app cannot be connected", $"<p role='alert'>{Encode(problem)}</p>", 400);
        }

        asked["chosen"] = portalId?.ToString() ?? "";
        return Page("Sign in to HubSpot", $"""
            <form method="post" action="/oauth/authorize">{Hidden(asked)}
            <p><label for="email">Email address</label><br><input id="email" name="email" type="email" required autofocus></p>
            <p><button type="submit">Sign in</button></p></form>
            """);
    }

    private static async Task<IResult> GoOnAsync(HttpContext http, SimulatorStore store)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var asked = Kept.Append("email").Append("chosen").ToDictionary(k => k, k => form[k].ToString());
        if (Problem(asked, store.Options) is { } problem)
        {
            return Page("This app cannot be connected", $"<p role='alert'>{Encode(problem)}</p>", 400);
        }

        var portal = long.TryParse(form["portalId"], out var id) ? store.Find(id) : null;
        return form["decision"].ToString() switch
        {
            "deny" => Return(asked, ("error", "access_denied"), ("error_description", "The user denied access to the app")),
            "approve" when portal is not null => Return(asked, ("code", store.Grants.IssueCode(
                portal.Id, asked["email"], [.. Scopes(asked)], asked["redirect_uri"], asked["code_challenge"]))),
            _ => ChooseAccount(asked, store),
        };
    }

    private static IResult ChooseAccount(Dictionary<string, string> asked, SimulatorStore store)
    {
        var accounts = store.Portals.Select((p, i) =>
        {
            var ticked = asked["chosen"].Length > 0 ? asked["chosen"] == p.Id.ToString() : i == 0;
            return $"<p><label><input type='radio' name='portalId' value='{p.Id}'{(ticked ? " checked" : "")}> "
                + $"{Encode(p.Name)} ({p.Id})</label></p>";
        });
        var scopes = Scopes(asked).Select(s => $"<li>{Encode(s)}</li>");
        return Page("Choose an account", $"""
            <form method="post" action="/oauth/authorize">{Hidden(asked)}
            <fieldset><legend>Account</legend>{string.Concat(accounts)}</fieldset>
            <p>The app asks for:</p><ul>{string.Concat(scopes)}</ul>
            <p><button type="submit" name="decision" value="approve">Connect app</button>
            <button type="submit" name="decision" value="deny">Cancel</button></p></form>
            """);
    }

    private static IEnumerable<string> Scopes(Dictionary<string, string> asked) => $"{asked["scope"]} {asked["optional_scope"]}"
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Distinct();

    private static string? Problem(Dictionary<string, string> asked, SimulatorOptions options)
    {
        if (asked["client_id"] != options.ClientId)
        {
            return "There is no app with this client id.";
        }

        if (!Uri.TryCreate(asked["redirect_uri"], UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return "The redirect URL is missing or is no web address.";
        }

        if (uri.Scheme == "http" && !uri.IsLoopback)
        {
            return "The redirect URL has to begin with https, unless it leads to this computer (localhost).";
        }

        if (options.RedirectUris.Count > 0 && !options.RedirectUris.Contains(asked["redirect_uri"]))
        {
            return $"The redirect URL {asked["redirect_uri"]} is not among those registered for the app: {string.Join(", ", options.RedirectUris)}.";
        }

        if (asked["code_challenge"].Length > 0 && asked["code_challenge_method"] != "S256")
        {
            return "The code challenge method is not S256.";
        }

        var missing = options.RequiredScopes.Except(asked["scope"].Split(' ')).ToList();
        return asked["scope"].Length == 0 ? "The authorization needs at least one scope."
            : missing.Count > 0 ? $"The app requires scopes that the authorization does not ask for: {string.Join(", ", missing)}."
            : null;
    }

    private static IResult Return(Dictionary<string, string> asked, params (string Name, string Value)[] said)
    {
        var query = said.ToDictionary(s => s.Name, s => (string?)s.Value);
        if (asked["state"].Length > 0)
        {
            query["state"] = asked["state"];
        }

        return Results.Redirect(QueryHelpers.AddQueryString(asked["redirect_uri"], query));
    }

    private static string Hidden(Dictionary<string, string> asked) => string.Concat(asked
        .Where(a => a.Value.Length > 0)
        .Select(a => $"""<input type="hidden" name="{a.Key}" value="{Encode(a.Value)}">"""));

    private static IResult Page(string title, string body, int status = 200) => Results.Content(
        $"""
         <!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
         <style>body{"{"}font:16px system-ui;max-width:32rem;margin:3rem auto;padding:0 1rem{"}"}</style></head>
         <body><main><h1>{title}</h1>{body}</main></body></html>
         """,
        "text/html; charset=utf-8",
        Encoding.UTF8,
        status);

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
