using System.Net;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Samples;

namespace HubSpotBus.Standalone.Tests;

/// <summary>A browser in which somebody signed in to the hub's pages with a key.</summary>
internal sealed class ASignedInBrowser : IDisposable
{
    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _http;

    private ASignedInBrowser(Uri address) => _http = new HttpClient(new HttpClientHandler { CookieContainer = _cookies }) { BaseAddress = address };

    /// <summary>The page that one comes to by signing in.</summary>
    public string Page { get; private set; } = "";

    public string SessionSecret => _cookies.GetAllCookies().Single(c => c.Name == BrowserSecret.SessionCookie(secure: false)).Value;

    public static async Task<ASignedInBrowser> OpenAsync(Uri address, string key)
    {
        var browser = new ASignedInBrowser(address);
        using var page = await browser._http.PostAsync("/sign-in", new FormUrlEncodedContent([new("key", key)]));
        browser.Page = await page.Content.ReadAsStringAsync();
        return browser;
    }

    /// <summary>Presses the subscription's button and approves at HubSpot; returns where that ends.</summary>
    public async Task<Uri> ConnectAsync(string subscription, string account)
    {
        using var consent = await _http.PostAsync($"/subscriptions/{subscription.Split('/')[^1]}/connect", new FormUrlEncodedContent([]));
        return await Consent.ApproveAsync(_http, consent, account);
    }

    public void Dispose() => _http.Dispose();
}
