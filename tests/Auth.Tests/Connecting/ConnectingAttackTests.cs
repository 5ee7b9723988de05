using System.Net;
using System.Web;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using MassTransit;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Connecting;

/// <summary>What somebody might try with the two addresses that a browser opens. The plain cases are in OAuthTests.</summary>
public sealed class ConnectingAttackTests
{
    [Fact]
    public async Task Nothing_in_the_request_says_where_the_browser_is_sent()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var browser = auth.Browser();
        const string Elsewhere = "https%3A%2F%2Fevil.example";
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"/oauth/begin?ticket={auth.Ticket()}&redirect_uri={Elsewhere}&returnUrl={Elsewhere}&state=x&client_id=x&scope=x");
        request.Headers.Host = "evil.example";
        foreach (var name in new[] { "X-Forwarded-Host", "X-Original-Host", "X-Host", "Forwarded" })
            request.Headers.TryAddWithoutValidation(name, "host=evil.example");
        request.Headers.Referrer = new Uri("https://evil.example/");
        using var begun = await browser.SendAsync(request, TestContext.Current.CancellationToken);
        begun.StatusCode.ShouldBe(HttpStatusCode.Found);
        begun.Headers.Location!.GetLeftPart(UriPartial.Path).ShouldBe("https://app.hubspot.com/oauth/authorize");
        begun.Headers.Location.Query.ShouldNotContain("evil");
        var query = HttpUtility.ParseQueryString(begun.Headers.Location.Query);
        (query["redirect_uri"], query["client_id"], query["state"]!.Length).ShouldBe(("http://bus.example/oauth/callback", "the-client", 43));
    }

    [Theory]
    [InlineData("localhost:5180", "http://localhost:5180/oauth/callback")]
    [InlineData("127.0.0.1", "http://127.0.0.1/oauth/callback")]
    [InlineData("[::1]:5180", "http://[::1]:5180/oauth/callback")]
    [InlineData("evil.example", null)]
    [InlineData("localhost.evil.example", null)]
    [InlineData("127.0.0.1.evil.example", null)]
    [InlineData("evil.example:80", null)]
    [InlineData("192.168.0.1", null)]
    public async Task Without_a_public_address_only_this_computers_own_names_are_taken_from_the_request(string host, string? redirect)
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync(new() { ["HubSpotApp:PublicUrl"] = null, ["ForwardedHeaders_Enabled"] = "true" });
        foreach (var path in new[] { $"/oauth/begin?ticket={auth.Ticket()}", "/oauth/callback?code=c&state=forged" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = host;
            request.Headers.TryAddWithoutValidation("X-Forwarded-Host", "evil.example");
            request.Headers.TryAddWithoutValidation("Forwarded", "host=evil.example");
            using var answer = await auth.Browser().SendAsync(request, TestContext.Current.CancellationToken);
            var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            page.ShouldNotContain("evil.example");
            if (redirect is null)
                page.ShouldContain("Set HubSpotApp:PublicUrl");
            else if (answer.Headers.Location is { } location)
                HttpUtility.ParseQueryString(location.Query)["redirect_uri"].ShouldBe(redirect);
            var begins = redirect is not null && path.StartsWith("/oauth/begin", StringComparison.Ordinal);
            answer.StatusCode.ShouldBe(begins ? HttpStatusCode.Found : HttpStatusCode.BadRequest);
        }
    }

    [Theory]
    [InlineData("true", "https://localhost:5443/oauth/callback")]
    [InlineData("false", "http://localhost:5443/oauth/callback")] // nobody said that there is a proxy
    public async Task Behind_a_proxy_that_is_believed_HubSpot_sends_the_browser_back_by_the_scheme_that_it_came_by(string believesProxy, string redirect)
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync(
            new() { ["HubSpotApp:PublicUrl"] = null, ["ForwardedHeaders_Enabled"] = believesProxy });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/oauth/begin?ticket={auth.Ticket()}");
        request.Headers.Host = "localhost:5443";
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-For", "192.0.2.7");

        using var answer = await auth.Browser().SendAsync(request, TestContext.Current.CancellationToken);

        HttpUtility.ParseQueryString(answer.Headers.Location!.Query)["redirect_uri"].ShouldBe(redirect);
    }

    [Fact]
    public async Task The_callback_sends_the_browser_nowhere_and_links_to_the_portal_only()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var browser = auth.Browser();
        foreach (var good in new[] { false, true })
        {
            var state = good ? await AuthUnderTest.StateAsync(browser, auth.Ticket()) : "forged";
            using var request = new HttpRequestMessage(
                HttpMethod.Get, $"/oauth/callback?code=c&state={state}&returnUrl=https%3A%2F%2Fevil.example&redirect_uri=https%3A%2F%2Fevil.example");
            request.Headers.TryAddWithoutValidation("X-Forwarded-Host", "evil.example");
            using var page = await browser.SendAsync(request, TestContext.Current.CancellationToken);
            page.StatusCode.ShouldBe(good ? HttpStatusCode.OK : HttpStatusCode.BadRequest);
            page.Headers.Location.ShouldBeNull();
            var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            html.ShouldNotContain("evil.example");
            html.ShouldContain("href=\"http://bus.example/\"");
        }
    }

    [Fact]
    public async Task Of_many_callbacks_with_one_state_at_the_same_moment_one_is_heard()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var browser = auth.Browser();
        var state = await AuthUnderTest.StateAsync(browser, auth.Ticket());
        var pages = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}")));
        pages.Count(p => p.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        pages.Count(p => p.StatusCode == HttpStatusCode.BadRequest).ShouldBe(7);
        auth.HubSpot.TokenRequests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_state_is_taken_as_it_was_given_or_not_at_all()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var browser = auth.Browser();
        var state = await AuthUnderTest.StateAsync(browser, auth.Ticket());
        var changed = state[..^1] + (state[^1] == 'A' ? 'B' : 'A');
        foreach (var forged in new[] { changed, state[..^1], state + "A", state.ToUpperInvariant() + "x", $"{state}&state={state}", "%00", "' OR 1=1 --", new string('x', 4000) })
        {
            using var page = await AuthUnderTest.CallbackAsync(browser, $"code=c&state={forged}");
            page.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        }

        auth.HubSpot.Seen.ShouldBeEmpty();
        (await AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_callback_without_session_is_refused_and_uses_the_state_up()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var browser = auth.Browser();
        foreach (var cookie in new[] { null, "hubspotbus_session=", "hubspotbus_session=forged", $"hubspotbus_session={new string('A', 43)}" })
        {
            var state = await AuthUnderTest.StateAsync(browser, auth.Ticket());
            using var page = await AuthUnderTest.CallbackAsync(auth.Stranger(cookie), $"code=c&state={state}");
            page.StatusCode.ShouldBe(HttpStatusCode.Forbidden, cookie);
            (await AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}")).StatusCode.ShouldBe(HttpStatusCode.BadRequest, cookie);
        }

        auth.HubSpot.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_one_subscription_was_given_connects_no_other()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var other = NewId.NextGuid();
        await auth.SaveAsync(s => s with { SubscriptionId = other });
        var browser = auth.Browser();

        // The other's name on this one's ticket.
        var spliced = $"{other:N}.{string.Join('.', auth.Ticket().Split('.')[1..])}";
        using (var refused = await AuthUnderTest.BeginAsync(browser, spliced))
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        // Both begun in one browser: the state alone says which it is, whatever the query adds.
        await AuthUnderTest.StateAsync(browser, auth.Ticket());
        var state = await AuthUnderTest.StateAsync(browser, auth.Ticket(subscription: other));
        using (var page = await AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}&subscriptionId={auth.Subscription}&ticket={auth.Ticket()}"))
            page.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await auth.StatusAsync()).State.ShouldBe(ConnectionState.Disconnected);

        // And neither calls with the other's token.
        (await auth.NextAsync<AccountIdentified>()).SubscriptionId.ShouldBe(other);
        (await auth.ConnectWithTokenAsync("pat-na1-the-token-of-this-one")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await auth.NextAsync<AccountIdentified>()).SubscriptionId.ShouldBe(auth.Subscription);
        using var inside = auth.Inside();
        foreach (var (subscription, id) in new[] { (auth.Subscription, 1), (other, 2) })
            (await inside.GetAsync(new Uri($"/egress/{subscription}/crm/objects/contacts/{id}", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        auth.HubSpot.Calls.Select(c => (c.Path[^1], c.Token)).ShouldBe([('1', "pat-na1-the-token-of-this-one"), ('2', "access-token-number-1")]);
    }

    [Theory]
    [InlineData("POST", "/oauth/begin")]
    [InlineData("PUT", "/oauth/begin")]
    [InlineData("POST", "/oauth/callback")]
    [InlineData("DELETE", "/oauth/callback")]
    public async Task Another_method_is_refused(string method, string path)
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{path}?ticket={auth.Ticket()}&code=c&state=s");
        using var answer = await auth.Browser().SendAsync(request, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }
}
