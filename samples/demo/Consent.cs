using System.Net;
using System.Text.RegularExpressions;

namespace HubSpotBus.Samples;

/// <summary>Does what the operator's browser would: follows the link, signs in, chooses the account and approves.</summary>
internal static partial class Consent
{
    /// <summary>Returns the address at which the browser ends.</summary>
    public static async Task<Uri> ApproveAsync(Uri link, string account)
    {
        using var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() });
        return await ApproveAsync(browser, await browser.GetAsync(link), account);
    }

    /// <summary>The same from HubSpot's first page on, in the browser that was sent there.</summary>
    public static async Task<Uri> ApproveAsync(HttpClient browser, HttpResponseMessage first, string account)
    {
        var (page, text) = await ReadAsync(first);
        (page, text) = await ReadAsync(await browser.PostAsync(Action(page, text), Fields(text, ("email", "operator@northwind.example"))));
        (page, text) = await ReadAsync(await browser.PostAsync(Action(page, text), Fields(text, ("portalId", account), ("decision", "approve"))));
        if (text.Contains("<form", StringComparison.OrdinalIgnoreCase))
            throw new InvalidOperationException($"The consent did not end at {page}: {text}");
        return page;
    }

    private static async Task<(Uri Page, string Text)> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{response.RequestMessage!.RequestUri} was answered {(int)response.StatusCode}: {text}");
        return (response.RequestMessage!.RequestUri!, text);
    }

    private static Uri Action(Uri page, string text) => new(page, WebUtility.HtmlDecode(FormAction().Match(text).Groups[1].Value));

    private static FormUrlEncodedContent Fields(string text, params (string Name, string Value)[] filledIn) => new(
        HiddenFields().Matches(text)
            .Select(m => (Name: NameOf().Match(m.Value).Groups[1].Value, Value: WebUtility.HtmlDecode(ValueOf().Match(m.Value).Groups[1].Value)))
            .Concat(filledIn)
            .Select(f => KeyValuePair.Create(f.Name, f.Value)));

    [GeneratedRegex("<form[^>]*action=\"([^\"]*)\"", RegexOptions.IgnoreCase)]
    private static partial Regex FormAction();

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*>", RegexOptions.IgnoreCase)]
    private static partial Regex HiddenFields();

    [GeneratedRegex("name=\"([^\"]*)\"", RegexOptions.IgnoreCase)]
    private static partial Regex NameOf();

    [GeneratedRegex("value=\"([^\"]*)\"", RegexOptions.IgnoreCase)]
    private static partial Regex ValueOf();
}
