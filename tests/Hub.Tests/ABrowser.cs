using System.Net;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

/// <summary>A browser of somebody who does not sit at the hub's machine. It follows nothing by itself.</summary>
internal sealed class ABrowser : IDisposable
{
    private readonly HttpClient _http;

    private ABrowser(AHub hub)
    {
        _http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = hub.Service.BaseAddress };
        Show("X-Forwarded-For", "203.0.113.7");
    }

    /// <summary>The cookie by which the hub knows who is signed in: name=value.</summary>
    public string Cookie => _http.DefaultRequestHeaders.GetValues("Cookie").Single();

    /// <summary>What its cookie carries.</summary>
    public string Secret => Cookie.Split('=')[1];

    public static ABrowser Of(AHub hub) => new(hub);

    public static async Task<ABrowser> SignedInAsync(AHub hub, string key)
    {
        var browser = Of(hub);
        using var answer = await browser.PostAsync("/sign-in", ("key", key));
        (answer.StatusCode, answer.Headers.Location?.OriginalString).ShouldBe((HttpStatusCode.Found, "/"));
        browser.Keep(answer);
        return browser;
    }

    /// <summary>Keeps the cookie of an answer and shows it from now on.</summary>
    public void Keep(HttpResponseMessage answer) => Show("Cookie", answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);

    public void Show(string header, string value) => _http.DefaultRequestHeaders.Add(header, value);

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] form) => _http.PostAsync(
        new Uri(path, UriKind.Relative), new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))), TestContext.Current.CancellationToken);

    public async Task<string> PageAsync(string path)
    {
        using var page = await GetAsync(path);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose() => _http.Dispose();
}
