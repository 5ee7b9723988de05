using System.Net;
using System.Text;
using HubSpotBus.HubSpotSimulator.Store;
using Microsoft.AspNetCore.WebUtilities;

namespace HubSpotBus.HubSpotSimulator.OAuth;

/// <summary>The pages that an operator sees: sign in, choose an account, approve or deny.</summary>
internal static class AuthorizePages
{
    private static readonly string[] Carried = ["client_id", "redirect_uri", "scope", "optional_scope", "state"];

    public static void MapAuthorizePages(this WebApplication app)
    {
        app.MapGet("/oauth/authorize", (HttpRequest request, SimulatorOptions options) => SignIn(request, options));
        app.MapGet("/oauth/{portalId:long}/authorize", (HttpRequest request, SimulatorOptions options) => SignIn(request, options));
        app.MapPost("/oauth/sign-in", async (HttpRequest request, SimulatorStore store) => Choose(await request.ReadFormAsync(), store));
        app.MapPost("/oauth/decision", async (HttpRequest request, SimulatorStore store, TimeProvider time) => Decide(await request.ReadFormAsync(), store, time));
    }

    private static IResult SignIn(HttpRequest request, SimulatorOptions options)
    {
        if (request.Query["client_id"] != options.ClientId)
            return Page("<p>The app's client id is not known.</p>", 400);
        if (!Uri.TryCreate(request.Query["redirect_uri"], UriKind.Absolute, out _) || string.IsNullOrWhiteSpace(request.Query["scope"]))
            return Page("<p>redirect_uri or scope is missing.</p>", 400);
        return Page($"""
            <p>Sign in to HubSpot</p>
            <form method="post" action="/oauth/sign-in">{Hidden(name => request.Query[name])}
            <input type="email" name="email" placeholder="E-mail" required> <button>Sign in</button></form>
            """);
    }

    private static IResult Choose(IFormCollection form, SimulatorStore store)
    {
        var portals = string.Concat(store.Portals.Select(p =>
            $"<p><label><input type=\"radio\" name=\"portalId\" value=\"{p.Id}\" required> {WebUtility.HtmlEncode(p.Name)} ({p.Id})</label></p>"));
        return Page($"""
            <p>Choose an account</p>
            <form method="post" action="/oauth/decision">{Hidden(name => form[name])}{portals}
            <p>The app asks for: {WebUtility.HtmlEncode(form["scope"])}</p>
            <button name="decision" value="approve">Connect app</button> <button name="decision" value="deny" formnovalidate>Cancel</button></form>
            """);
    }

    private static IResult Decide(IFormCollection form, SimulatorStore store, TimeProvider time)
    {
        var redirect = form["redirect_uri"].ToString();
        var answer = new Dictionary<string, string?> { ["state"] = form["state"] };
        if (form["decision"] != "approve")
        {
            answer["error"] = "access_denied";
            answer["error_description"] = "The user denied the authorization request";
            return Results.Redirect(QueryHelpers.AddQueryString(redirect, answer));
        }

        if (!long.TryParse(form["portalId"], out var portalId) || store.Portals.All(p => p.Id != portalId))
            return Page("<p>Choose an account first.</p>", 400);
        var code = SimulatorStore.NewSecret("code");
        store.Codes[code] = new Grant
        {
            PortalId = portalId,
            Kind = GrantKind.Code,
            Scopes = [.. $"{form["scope"]} {form["optional_scope"]}".Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            RedirectUri = redirect,
            ExpiresAt = time.GetUtcNow() + TimeSpan.FromMinutes(1),
        };
        answer["code"] = code;
        return Results.Redirect(QueryHelpers.AddQueryString(redirect, answer));
    }

    private static string Hidden(Func<string, string?> value)
    {
        var html = new StringBuilder();
        foreach (var name in Carried)
        {
            if (value(name) is { Length: > 0 } text)
                html.Append($"<input type=\"hidden\" name=\"{name}\" value=\"{WebUtility.HtmlEncode(text)}\">");
        }

        return html.ToString();
    }

    private static IResult Page(string content, int status = 200) => Results.Content(
        $"<!doctype html><html lang=en><meta charset=utf-8><title>HubSpot simulator</title><body style=\"font:15px system-ui;margin:3rem\"><h1>HubSpot</h1>{content}</body></html>",
        "text/html; charset=utf-8", statusCode: status);
}
