using System.Net;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Connecting;

/// <summary>A link that the hub made for somebody who is signed in to its pages.</summary>
public sealed class SessionTests
{
    private readonly string _session = BrowserSecret.New();

    [Fact]
    public async Task What_is_begun_in_a_session_ends_in_it()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var browser = auth.SignedIn(_session);
        var state = await AuthUnderTest.StateAsync(browser, auth.Ticket(session: _session));
        (await AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await auth.StatusAsync()).State.ShouldBe(ConnectionState.Connected);
    }

    [Fact]
    public async Task The_link_of_a_session_is_of_no_use_anywhere_else()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        foreach (var browser in new[] { auth.Browser(), auth.SignedIn(BrowserSecret.New()), auth.SignedIn(BrowserSecret.Hash(_session)), auth.SignedIn("") })
        {
            using var refused = await AuthUnderTest.BeginAsync(browser, auth.Ticket(session: _session));
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("Sign in at http://bus.example/ and press Connect there.");
        }
    }

    [Fact]
    public async Task The_state_of_a_session_is_refused_in_another_session_and_after_signing_out()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        // The first carries the cookie of a link of its own, which does not stand for the session.
        var other = auth.Browser();
        await AuthUnderTest.StateAsync(other, auth.Ticket());
        foreach (var browser in new[] { other, auth.SignedIn(BrowserSecret.New()), auth.Browser() })
        {
            var state = await AuthUnderTest.StateAsync(auth.SignedIn(_session), auth.Ticket(session: _session));
            using var refused = await AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}");
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            using var late = await AuthUnderTest.CallbackAsync(auth.SignedIn(_session), $"code=c&state={state}");
            late.StatusCode.ShouldBe(HttpStatusCode.BadRequest); // used up by the try
        }

        auth.HubSpot.TokenRequests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("__Host-hubspotbus_session", HttpStatusCode.Found)]
    [InlineData("hubspotbus_session", HttpStatusCode.Forbidden)] // one that a host beside this one may have set
    public async Task By_https_only_the_cookie_that_no_other_host_can_set_stands_for_the_session(string cookie, HttpStatusCode expected)
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync(new() { ["HubSpotApp:PublicUrl"] = "https://bus.example" });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/oauth/begin?ticket={auth.Ticket(session: _session)}");
        request.Headers.Add("Cookie", $"{cookie}={_session}");
        using var begun = await auth.Browser().SendAsync(request, TestContext.Current.CancellationToken);
        begun.StatusCode.ShouldBe(expected);
    }
}
