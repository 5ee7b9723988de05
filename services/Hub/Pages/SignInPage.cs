using HubSpotBus.Hub.Access;

namespace HubSpotBus.Hub.Pages;

/// <summary>/sign-in: the administrator's key or a company's opens the pages, and lets a subscription be connected from this browser.</summary>
internal static class SignInPage
{
    private const int LongestForm = 1024;

    public static void MapSignInPage(this WebApplication app)
    {
        var forms = app.MapGroup("").AddEndpointFilter<RequireOwnPage>().ExcludeFromDescription();
        app.MapGet("/sign-in", (HttpContext http) => Show(http, "", 200)).ExcludeFromDescription();
        forms.MapPost("/sign-in", SignInAsync);
        forms.MapPost("/sign-out", SignOutAsync);
    }

    private static async Task<IResult> SignInAsync(HttpContext http, Sessions sessions)
    {
        if (!http.Request.HasFormContentType || http.Request.ContentLength is not (> 0 and <= LongestForm))
            return Show(http, Layout.Bad("This is not the form of this page."), 400);
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await sessions.SignInAsync(http, form["key"].ToString().Trim())
            ? Results.Redirect("/")
            : Show(http, Layout.Bad("This key is not known. It is the administrator's key, or one that was shown when a company was made."), 403);
    }

    private static async Task<IResult> SignOutAsync(HttpContext http, Sessions sessions)
    {
        await sessions.SignOutAsync(http);
        return Results.Redirect("/sign-in");
    }

    private static IResult Show(HttpContext http, string message, int status)
    {
        Layout.Protect(http);
        return Layout.Page("Sign in", $"""
            {message}<form method="post" action="/sign-in">
            <label for="key">The administrator's API key, or your company's</label><input id="key" name="key" type="password" required maxlength="400" autofocus>
            <button type="submit">Sign in</button></form>
            """, status);
    }
}
