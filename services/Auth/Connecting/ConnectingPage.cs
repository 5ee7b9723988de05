using System.Net;

namespace HubSpotBus.Auth.Connecting;

/// <summary>The plain pages of connecting: what happened, and what to do now.</summary>
public static class ConnectingPage
{
    public static IResult Connected(Uri portal, string subscription) => Page(portal, 200, "Connected to HubSpot",
        $"“{subscription}” is connected.",
        "Its HubSpot account is being prepared now: properties first, then mappings. You can close this page and follow it in the portal.");

    public static IResult Refused(Uri portal, int status, string what, string todo) => Page(portal, status, "Not connected", what, todo);

    public static IResult NoApp(Uri portal) => Page(new Uri(portal, "hubspot-app"), 409, "Not connected", "This installation has no HubSpot app yet.",
        "Set one up first, which takes ten minutes, or connect with a static token instead.", "Set up the HubSpot app");

    private static IResult Page(Uri link, int status, string title, string what, string todo, string linkText = "Go to the portal") => Results.Content($$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{title}} - HubSpotBus</title>
        <style>body{font:1.05rem/1.6 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1.5rem;color:#1f2933}h1{font-size:1.5rem}</style>
        </head>
        <body><main>
        <h1>{{title}}</h1>
        <p>{{WebUtility.HtmlEncode(what)}}</p>
        <p>{{WebUtility.HtmlEncode(todo)}}</p>
        <p><a href="{{WebUtility.HtmlEncode(link.AbsoluteUri)}}">{{linkText}}</a></p>
        </main></body>
        </html>
        """, "text/html; charset=utf-8", statusCode: status);
}
