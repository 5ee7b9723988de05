using System.Net;
using System.Text.RegularExpressions;

namespace HubSpotBus.Samples;

/// <summary>Does at HubSpot what the operator's browser does: signs in, chooses the account and approves.</summary>
internal static partial class Consent
{
    /// <summary>From HubSpot's first page on, in the browser that was sent there; returns the address at which it ends.</summary>
    public static async Task<Uri> ApproveAsync(HttpClient browser, HttpResponseMessage first, string account)
    {
        using var accounts = await SubmitAsync(browser, first, ("email", "operator@northwind.example"));
        using var last = await SubmitAsync(browser, accounts, ("portalId", account), ("decision", "approve"));
        var (page, text) = await ReadAsync(last);
        if (text.Contains("<form", StringComparison.OrdinalIgnoreCase))
            throw new InvalidOperationException($"The consent did not end at {page}: {text}");
        return page;
    }

    /// <summary>Sends the page's form, with its hidden fields and these.</summary>
    public static async Task<HttpResponseMessage> SubmitAsync(HttpClient browser, HttpResponseMessage form, params (string Name, string Value)[] filledIn)
    {
        var (page, text) = await ReadAsync(form);
        return await browser.PostAsync(Action(page, text), Fields(text, filledIn));
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
