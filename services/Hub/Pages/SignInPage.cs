using System.Globalization;
using HubSpotBus.Hub.Access;

namespace HubSpotBus.Hub.Pages;

/// <summary>/sign-in: the administrator's key or a company's opens the pages, and lets a subscription be connected from this browser.</summary>
internal static class SignInPage
{
    private const int LongestForm = 1024;

    public static void MapSignInPage(this WebApplication app)
    {
        var forms = app.MapGroup("").AddEndpointFilter<RequireOwnPage>().ExcludeFromDescription();
        app.MapGet("/sign-in", (Guid? connect, long? otherAccount, HttpContext http) => Show(http, connect, otherAccount, "", 200)).ExcludeFromDescription();
        forms.MapPost("/sign-in", SignInAsync);
        forms.MapPost("/sign-out", SignOutAsync);
    }

    /// <summary>The page, which leads on to connecting a subscription.</summary>
    public static string PathOf(Guid connect, long? otherAccount) =>
        string.Create(CultureInfo.InvariantCulture, $"/sign-in?connect={connect}{(otherAccount is null ? "" : $"&otherAccount={otherAccount}")}");

    // Where it leads on is a subscription and not an address: no link to here ends elsewhere.
    private static async Task<IResult> SignInAsync(Guid? connect, long? otherAccount, HttpContext http, Sessions sessions)
    {
        if (!http.Request.HasFormContentType || http.Request.ContentLength is not (> 0 and <= LongestForm))
            return Show(http, connect, otherAccount, Layout.Bad("This is not the form of this page."), 400);
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await sessions.SignInAsync(http, form["key"].ToString().Trim())
            ? Results.Redirect(connect is { } subscription ? ConnectPage.PathOf(subscription, otherAccount) : "/")
            : Show(http, connect, otherAccount, Layout.Bad("This key is not known. It is the administrator's key, or one that was shown when a company was made."), 403);
    }

    private static async Task<IResult> SignOutAsync(HttpContext http, Sessions sessions)
    {
        await sessions.SignOutAsync(http);
        return Results.Redirect("/sign-in");
    }

    private static IResult Show(HttpContext http, Guid? connect, long? otherAccount, string message, int status)
    {
        Layout.Protect(http);
        return Layout.Page("Sign in", $"""
            {message}<form method="post" action="{(connect is { } subscription ? Layout.Encode(PathOf(subscription, otherAccount)) : "/sign-in")}">
            <label for="key">The administrator's API key, or your company's</label><input id="key" name="key" type="password" required maxlength="400" autofocus>
            <button type="submit">Sign in</button></form>
            """, status);
    }
}
