using System.Net;

namespace HubSpotBus.Samples;

/// <summary>The browser of an operator who signed in to the hub's pages with a key.</summary>
internal sealed class ASignedInBrowser : IDisposable
{
    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _http;

    private ASignedInBrowser(Uri hub) => _http = new HttpClient(new HttpClientHandler { CookieContainer = _cookies }) { BaseAddress = hub };

    /// <summary>The page that one comes to by signing in.</summary>
    public string Page { get; private set; } = "";

    /// <summary>What its cookie carries.</summary>
    public string SessionSecret => _cookies.GetAllCookies().Single().Value;

    public static async Task<ASignedInBrowser> OpenAsync(Uri hub, string key)
    {
        var browser = new ASignedInBrowser(hub);
        using var page = await browser._http.PostAsync("/sign-in", new FormUrlEncodedContent([new("key", key)]));
        browser.Page = await page.Content.ReadAsStringAsync();
        return browser;
    }

    /// <summary>Presses the subscription's button on the status page and approves at HubSpot; returns where that ends.</summary>
    public async Task<Uri> ConnectAsync(string subscription, string account)
    {
        using var hubSpot = await _http.PostAsync($"/subscriptions/{subscription.Split('/')[^1]}/connect", new FormUrlEncodedContent([]));
        return await Consent.ApproveAsync(_http, hubSpot, account);
    }

    /// <summary>The same by the page that the API names.</summary>
    public async Task<Uri> ConnectAsync(Uri link, string account)
    {
        if (link.AbsolutePath == "/oauth/begin") // the version before leads on to HubSpot by itself
            return await Consent.ApproveAsync(_http, await _http.GetAsync(link), account);
        // By its path, where one signed in: with no proxy in front of the services the public address may be Auth's.
        using var page = await _http.GetAsync(link.PathAndQuery);
        using var hubSpot = await Consent.SubmitAsync(_http, page);
        return await Consent.ApproveAsync(_http, hubSpot, account);
    }

    public void Dispose() => _http.Dispose();
}
