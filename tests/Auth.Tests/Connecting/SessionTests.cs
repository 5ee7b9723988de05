using System.Net;
using HubSpotBus.Contracts.Connections;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Connecting;

/// <summary>What begins in the browser of somebody who is signed in to the hub's pages ends there or nowhere.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task A_link_is_of_no_use_in_another_session_and_where_nobody_is_signed_in()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        foreach (var browser in new[] { auth.Stranger(), auth.SignedIn(BrowserSecret.New()), auth.SignedIn("forged"), auth.SignedIn("") })
        {
            using var refused = await AuthUnderTest.BeginAsync(browser, auth.Ticket());
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("Sign in at http://bus.example/ and press Connect there.");
        }
    }

    [Fact]
    public async Task A_state_is_refused_in_another_session_and_after_signing_out_and_is_used_up_by_the_try()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        foreach (var browser in new[] { auth.Stranger(), auth.SignedIn(BrowserSecret.New()) })
        {
            var state = await AuthUnderTest.StateAsync(auth.Browser(), auth.Ticket());
            using var refused = await AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}");
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("Open the portal at http://bus.example/");
            using var late = await AuthUnderTest.CallbackAsync(auth.Browser(), $"code=c&state={state}");
            late.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        }

        auth.HubSpot.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_begun_twice_in_one_session_may_end_in_any_order()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var (browser, first) = (auth.Browser(), await AuthUnderTest.StateAsync(auth.Browser(), auth.Ticket()));
        var second = await AuthUnderTest.StateAsync(browser, auth.Ticket());
        (await AuthUnderTest.CallbackAsync(browser, $"code=c&state={second}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await AuthUnderTest.CallbackAsync(browser, $"code=c&state={first}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("__Host-hubspotbus_session", HttpStatusCode.Found)]
    [InlineData("hubspotbus_session", HttpStatusCode.Forbidden)] // one that a host beside this one may have set
    public async Task By_https_only_the_cookie_that_no_other_host_can_set_stands_for_the_session(string cookie, HttpStatusCode expected)
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync(new() { ["HubSpotApp:PublicUrl"] = "https://bus.example" });
        using var begun = await AuthUnderTest.BeginAsync(auth.Stranger($"{cookie}={auth.SessionSecret}"), auth.Ticket());
        begun.StatusCode.ShouldBe(expected);
    }
}
