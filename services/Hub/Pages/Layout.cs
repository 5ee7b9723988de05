using System.Net;

namespace HubSpotBus.Hub.Pages;

/// <summary>What the plain pages have in common.</summary>
internal static class Layout
{
    private const string Style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2733}code,pre{background:#eef1f4;padding:.1rem .3rem}
        pre{padding:.7rem;overflow:auto}label{display:block;margin:.7rem 0 .2rem}input{font:inherit;width:100%;max-width:30rem;padding:.3rem}
        button{font:inherit;margin-top:1rem;padding:.4rem 1rem}.ok{color:#0b6b3a}.bad{color:#a32020}a{color:#0b57a4}
        table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{padding:.3rem .9rem;text-align:right;border-bottom:1px solid #d9dfe5}
        th:first-child,td:first-child{text-align:left}
        """;

    /// <summary>A page; the body is HTML, the title is not.</summary>
    public static IResult Page(string title, string body, int status = 200) => Results.Content(
        $"""
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{Encode(title)} - HubSpotBus</title>
        <style>{Style}</style></head><body><main><h1>{Encode(title)}</h1>{body}</main></body></html>
        """, "text/html; charset=utf-8", statusCode: status);

    /// <summary>For pages with a form for a secret: nothing from elsewhere is loaded, nothing is sent elsewhere, and nothing is kept.</summary>
    public static void Protect(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
    }

    /// <summary>For pages with a button that leads on to HubSpot, whose address browsers take for the form's.</summary>
    public static void ProtectWhatLeadsOn(HttpContext http) =>
        (http.Response.Headers.CacheControl, http.Response.Headers.ContentSecurityPolicy) = ("no-store", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'");

    public static string Bad(string what) => $"<p role=\"alert\" class=\"bad\">{Encode(what)}</p>";

    public static string Encode(string? text) => WebUtility.HtmlEncode(text ?? "");
}
