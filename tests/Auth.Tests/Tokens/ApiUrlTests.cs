using System.Net;
using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Tokens;

/// <summary>A subscription's API URL is a company's to set, and the app's secret and the tokens go there: so only where the operator wants it.</summary>
public sealed class ApiUrlTests
{
    // Loopback, private, link-local, metadata, other spellings of them, and names that lead to them or look like HubSpot's.
    public static TheoryData<string> Elsewhere =>
    [
        "http://127.0.0.1", "https://127.0.0.1", "http://127.0.0.1:5180", "http://127.1", "http://2130706433", "http://0x7f000001", "http://0x7f.0.0.1",
        "http://0177.0.0.1", "http://127.0.0.2", "http://0.0.0.0", "http://[::1]", "http://[::]", "http://[::ffff:127.0.0.1]", "http://[::ffff:7f00:1]",
        "http://[0:0:0:0:0:ffff:127.0.0.1]", "http://[64:ff9b::7f00:1]", "http://localhost", "https://localhost", "http://localhost.",
        "http://ip6-localhost", "http://localtest.me", "http://127.0.0.1.nip.io",
        "http://10.0.0.1", "http://172.16.0.1", "http://192.168.0.1", "https://192.168.0.1", "http://3232235521", "http://[fd00::1]", "http://[fc00::1]",
        "http://[::ffff:10.0.0.1]", "http://100.64.0.1",
        "http://169.254.169.254", "http://169.254.169.254/latest/meta-data", "http://2852039166", "http://0xa9fea9fe", "http://0251.0376.0251.0376",
        "http://[::ffff:169.254.169.254]", "http://[::ffff:a9fe:a9fe]", "http://[fe80::1]", "http://[fd00:ec2::254]", "http://metadata.google.internal",
        "http://169.254.169.254.nip.io", "http://100.100.100.200",
        "https://api.hubapi.com.", "https://api.hubapi.com.nip.io", "https://xn--api-hubapi.com", "https://api.hubapi.co", "https://api-hubapi.com",
        "https://hubapi.com", "https://evil.api.hubapi.com", "https://api.hubapi.com:444", "https://api.hubapi.com:80", "http://api.hubapi.com:443",
        "https://api.hubapi.com#@evil.example", "https://evil.example#api.hubapi.com", "https://evil.example\\@api.hubapi.com",
        "https://api.hubapi.com%2eevil.example", "https://аpi.hubapi.com", "https://api.hubapi.com:443@evil.example",
        "file:///etc/passwd", "gopher://api.hubapi.com", "ws://api.hubapi.com", "unix:/var/run/docker.sock",
    ];

    [Theory]
    [MemberData(nameof(Elsewhere))]
    public void Nothing_but_HubSpot_is_allowed_by_itself(string url)
    {
        // What is no address at all cannot be asked for anything either.
        if (Uri.TryCreate(url, UriKind.Absolute, out var there))
            new HubSpotAppOptions().AllowsApiUrl(there).ShouldBeFalse();
    }

    [Theory]
    [InlineData("http://127.0.0.1:5190", true)]
    [InlineData("http://2130706433:5190", true)] // the same address, written otherwise
    [InlineData("http://127.0.0.1:5191", false)]
    [InlineData("http://127.0.0.1", false)]
    [InlineData("http://127.0.0.2:5190", false)]
    [InlineData("http://[::1]:5190", false)]
    [InlineData("http://[::ffff:127.0.0.1]:5190", false)]
    [InlineData("http://localhost:5190", false)]
    [InlineData("http://169.254.169.254:5190", false)]
    public void A_host_that_the_operator_allowed_opens_no_other(string url, bool allowed) =>
        new HubSpotAppOptions { AdditionalApiHosts = ["", "127.0.0.1:5190"] }.AllowsApiUrl(new Uri(url)).ShouldBe(allowed);

    [Fact]
    public async Task A_connected_subscription_that_is_turned_elsewhere_calls_nobody()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var before = auth.HubSpot.Seen.Count;
        foreach (var url in new[] { "http://169.254.169.254", "http://[::ffff:127.0.0.1]", "http://2130706433", "https://evil.example" })
        {
            await auth.SaveAsync(s => s with { ApiUrl = new Uri(url) });
            using var refused = await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("API URL");
        }

        using var disconnected = await auth.Inside().DeleteAsync(
            new Uri($"/internal/connections/{auth.Subscription}", UriKind.Relative), TestContext.Current.CancellationToken);
        disconnected.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        auth.HubSpot.Seen.Count.ShouldBe(before);
    }

    [Fact]
    public async Task Tokens_that_expire_are_not_refreshed_elsewhere()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(speed: 20);
        await auth.SaveAsync(s => s with { ApiUrl = new Uri("https://evil.example") });
        var asked = auth.HubSpot.Hosts.Count;
        auth.Clock.Forward(TimeSpan.FromMinutes(29));
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        // Whoever looks after idle connections comes every quarter of a minute; once it has been there, the right address is back.
        var connections = (LiveConnections)auth.Service.Services.GetService(typeof(LiveConnections))!;
        var tokens = (AccessTokens)auth.Service.Services.GetService(typeof(AccessTokens))!;
        var connection = (await connections.FindAsync(auth.Subscription, TestContext.Current.CancellationToken))!;
        await Should.ThrowAsync<ConnectionPausedException>(
            () => tokens.RefreshAsync(connection, connection.View.AccessToken, TestContext.Current.CancellationToken));
        auth.HubSpot.Hosts.Count.ShouldBe(asked);
        await auth.SaveAsync();
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.OK);
        auth.HubSpot.Hosts.ShouldAllBe(host => host == "api.hubapi.com");
    }

    [Fact]
    public async Task A_code_is_not_taken_elsewhere_when_the_api_url_changes_between_begin_and_callback()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var browser = auth.Browser();
        var state = await AuthUnderTest.StateAsync(browser, auth.Ticket());
        await auth.SaveAsync(s => s with { ApiUrl = new Uri("https://evil.example") });
        using var page = await AuthUnderTest.CallbackAsync(browser, $"code=the-code&state={state}");
        page.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("API URL");
        auth.HubSpot.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_call_that_waits_while_the_api_url_changes_goes_nowhere_else()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        await auth.SaveAsync(s => s with { ConcurrentConnections = 1 });
        (await auth.ConnectAsync(auth.Browser())).StatusCode.ShouldBe(HttpStatusCode.OK);
        await auth.NextAsync<Contracts.Connections.PrepareProperties>();
        var (arrived, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        auth.HubSpot.Answer = async _ =>
        {
            arrived.TrySetResult();
            await goOn.Task;
            return null;
        };
        var first = auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts/1");
        await arrived.Task.WaitAsync(TestContext.Current.CancellationToken);
        var waiting = auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts/2");
        await Testing.ServiceUnderTest.UntilAsync(async () => (await auth.MeterAsync()).Throttle.Waiting == 1, "the second call waits");
        await auth.SaveAsync(s => s with { ConcurrentConnections = 1, ApiUrl = new Uri("https://evil.example") });
        goOn.SetResult();
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await waiting).StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable);
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts/3")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        auth.HubSpot.Hosts.ShouldAllBe(host => host == "api.hubapi.com");
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_not_followed()
    {
        var asked = new List<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var server = builder.Build();
        server.Run(http =>
        {
            asked.Add(http.Request.Path);
            http.Response.Redirect("/metadata");
            return Task.CompletedTask;
        });
        await server.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient(HubSpotAttempts.Handler());
        using var answer = await client.GetAsync(new Uri(new Uri(server.Urls.First()), "/crm"), TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.Found);
        asked.ShouldBe(["/crm"]);
    }
}
