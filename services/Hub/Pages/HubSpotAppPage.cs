using System.Text;
using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.HubSpotApp;
using HubSpotBus.Hub.Subscriptions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Hub.Pages;

/// <summary>
/// /hubspot-app: how to make the HubSpot app of this installation, and where its client id and secret are entered. What it shows is not secret;
/// whoever changes something shows the administrator's key.
/// </summary>
internal static class HubSpotAppPage
{
    private const int LongestForm = 8 * 1024;

    public static void MapHubSpotAppPage(this WebApplication app)
    {
        app.MapGet("/hubspot-app", ShowAsync).ExcludeFromDescription();
        app.MapPost("/hubspot-app", StoreAsync).ExcludeFromDescription();
        app.MapGet($"/hubspot-app/{HubSpotAppEndpoints.ZipName}", HubSpotAppEndpoints.ZipAsync).ExcludeFromDescription();
    }

    private static Task<IResult> ShowAsync(HttpContext http, AuthClient auth, IOptions<HubOptions> hub, CancellationToken cancellationToken) =>
        PageAsync(http, auth, hub.Value, "", 200, cancellationToken);

    private static async Task<IResult> StoreAsync(
        HttpContext http, AuthClient auth, AdminKey admin, IOptions<HubOptions> hub, CancellationToken cancellationToken)
    {
        if (!http.Request.HasFormContentType || http.Request.ContentLength is not (> 0 and <= LongestForm))
            return await PageAsync(http, auth, hub.Value, Layout.Bad("This is not the form of this page."), 400, cancellationToken);
        var form = await http.Request.ReadFormAsync(cancellationToken);
        if (!admin.Is(form["key"].ToString()))
            return await PageAsync(http, auth, hub.Value, Layout.Bad("This is not the administrator's key."), 403, cancellationToken);
        var entry = new HubSpotAppRequest { ClientId = form["clientId"].ToString(), ClientSecret = form["clientSecret"].ToString() };
        return await HubSpotAppEndpoints.RefusalToStoreAsync(auth, hub.Value, http.Request, entry, cancellationToken) is ProblemHttpResult refusal
            ? await PageAsync(http, auth, hub.Value, Layout.Bad(refusal.ProblemDetails.Detail ?? ""), refusal.StatusCode, cancellationToken)
            : await PageAsync(http, auth, hub.Value, "<p role=\"status\" class=\"ok\">HubSpot knows this client id and secret. They are stored.</p>", 200, cancellationToken);
    }

    private static async Task<IResult> PageAsync(
        HttpContext http, AuthClient auth, HubOptions hub, string message, int status, CancellationToken cancellationToken)
    {
        Layout.Protect(http);
        var html = new StringBuilder("<p><a href=\"/\">Status</a></p>").Append(message);
        if (await HubSpotAppEndpoints.ReadAsync(auth, hub, http.Request, cancellationToken) is { } app)
            Describe(html, app);
        else
            html.Append(Layout.Bad("Auth could not be reached. Try again in a moment."));
        return Layout.Page("The HubSpot app of this installation", html.ToString(), status);
    }

    private static void Describe(StringBuilder html, HubSpotAppView app)
    {
        html.Append(app.Source switch
        {
            "Configuration" => $"<p class=\"ok\">In use: client id <code>{Layout.Encode(app.ClientId)}</code>, from the configuration.</p>",
            "Stored" => $"<p class=\"ok\">In use: client id <code>{Layout.Encode(app.ClientId)}</code>, as entered here.</p>",
            _ => "<p class=\"bad\">There is none yet. Until then subscriptions connect with a static token only.</p>",
        });
        foreach (var warning in app.Warnings)
            html.Append(Layout.Bad(warning));
        html.Append($"""
            <h2>1. Make the app in HubSpot</h2>
            <p>Download <a href="/hubspot-app/{HubSpotAppEndpoints.ZipName}">the project files</a>, which have all of this in them, and upload them:</p>
            <pre>npm install -g @hubspot/cli
            hs account auth
            unzip {HubSpotAppEndpoints.ZipName} &amp;&amp; cd hubspotbus
            hs project upload</pre>
            <p>Or enter it in an app that you have. Redirect URL: <code>{Layout.Encode(app.RedirectUrl.AbsoluteUri)}</code></p>
            <p>Webhook URL: <code>{Layout.Encode(app.WebhookUrl.AbsoluteUri)}</code></p>
            <p>Scopes, all of them required:</p><pre>{Layout.Encode(string.Join('\n', app.Scopes))}</pre>
            <h2>2. Enter its client id and secret</h2>
            <p>In HubSpot: <b>Development</b>, <b>Projects</b>, <b>hubspotbus</b>, the app, <b>Auth</b>.</p>
            """);
        html.Append(app.Source == "Configuration"
            ? "<p>They are in the configuration (<code>HubSpotApp__ClientId</code>, <code>HubSpotApp__ClientSecret</code>), and that is what is used. Change them there.</p>"
            : """
              <form method="post" action="/hubspot-app" autocomplete="off">
              <label for="clientId">Client id</label><input id="clientId" name="clientId" required maxlength="200">
              <label for="clientSecret">Client secret</label><input id="clientSecret" name="clientSecret" type="password" required maxlength="200">
              <label for="key">The administrator's API key</label><input id="key" name="key" type="password" required maxlength="400">
              <button type="submit">Test at HubSpot and store</button></form>
              """);
    }
}
