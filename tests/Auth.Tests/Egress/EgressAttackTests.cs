using System.Net;
using System.Net.Sockets;
using System.Text;
using HubSpotBus.Contracts.Connections;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Egress;

/// <summary>What somebody inside the network might try without the key, and with it. Paths are in EgressPathTests and EgressTests.</summary>
public sealed class EgressAttackTests
{
    // Browsers, and HubSpot: these have their own proof.
    private static readonly string[] _outside = ["/oauth/begin", "/oauth/callback", "/webhooks/hubspot"];

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("wrong")]
    [InlineData("the-key-of-the-service")]
    [InlineData("the-key-of-the-services ,x")]
    [InlineData("THE-KEY-OF-THE-SERVICES")]
    [InlineData("the-secret-of-the-app")]
    public async Task Every_internal_endpoint_is_closed_without_the_service_key(string? key)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var before = auth.HubSpot.Seen.Count;
        using var client = auth.Inside(null);
        var tried = 0;
        foreach (var (method, path) in Endpoints(auth))
        {
            using var answer = await AskAsync(client, method, path, key);
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path}");
            (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
            tried++;
        }

        tried.ShouldBeGreaterThanOrEqualTo(9);
        auth.HubSpot.Seen.Count.ShouldBe(before);
        (await auth.StatusAsync()).IsStatic.ShouldBeFalse();
    }

    [Fact]
    public async Task One_subscriptions_key_opens_nothing_of_anothers_and_the_service_key_itself_nothing_of_any()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var other = NewId.NextGuid();
        await auth.SaveAsync(s => s with { SubscriptionId = other });
        var right = ServiceKeys.Of(AuthUnderTest.ServiceKey, auth.Subscription);
        string[] wrong =
        [
            ServiceKeys.Of(AuthUnderTest.ServiceKey, other), ServiceKeys.Of(AuthUnderTest.ServiceKey, Guid.Empty), AuthUnderTest.ServiceKey,
            right.ToUpperInvariant(), right[..^1],
        ];
        using var client = auth.Inside(null);
        var tried = 0;
        foreach (var (method, path) in Endpoints(auth).Where(e => e.Path.Contains($"{auth.Subscription}", StringComparison.Ordinal)))
        {
            foreach (var key in wrong)
            {
                using var answer = await AskAsync(client, method, path, key);
                answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path}");
                tried++;
            }
        }

        tried.ShouldBe(6 * wrong.Length);
        auth.HubSpot.Calls.ShouldBeEmpty();
        using var opened = await AskAsync(client, HttpMethod.Get, $"/egress/{auth.Subscription}/crm/objects/contacts", right);
        opened.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_subscriptions_key_opens_nothing_that_is_for_the_whole_installation()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var client = auth.Inside(null);
        var whole = Endpoints(auth).Where(e => !e.Path.Contains($"{auth.Subscription}", StringComparison.Ordinal)).ToList();
        whole.Count.ShouldBe(4); // the HubSpot app: show, store, forget, test
        foreach (var (method, path) in whole)
        {
            using var answer = await AskAsync(client, method, path, ServiceKeys.Of(AuthUnderTest.ServiceKey, auth.Subscription));
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path}");
        }
    }

    [Fact]
    public async Task The_key_counts_in_its_header_only()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var client = auth.Inside(null);
        var key = ServiceKeys.Of(AuthUnderTest.ServiceKey, auth.Subscription);
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        client.DefaultRequestHeaders.Add("Cookie", $"{ServiceKeys.Header}={key}");
        var path = $"/egress/{auth.Subscription}/crm/objects/contacts?{ServiceKeys.Header}={key}";
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        auth.HubSpot.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("TRACE")]
    [InlineData("PROPFIND")]
    [InlineData("PATCH")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Methods_outside_the_set_do_not_pass(string method)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        (await RawAsync(auth, method, "X-Nothing: x")).ShouldBe(405);
        auth.HubSpot.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_create_in_small_letters_is_a_create_and_not_made_again()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.Says(ScriptedHubSpot.Status(500));
        (await RawAsync(auth, "post", "Content-Length: 2", "{}", "crm/objects/contacts/batch/create")).ShouldBe(502);
        auth.HubSpot.Calls.Single().Method.ShouldBe("POST");
    }

    [Fact]
    public async Task A_method_named_in_a_header_changes_nothing()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        (await RawAsync(auth, "GET", "X-HTTP-Method-Override: DELETE\r\nX-Method-Override: DELETE")).ShouldBe(200);
        auth.HubSpot.Calls.Single().Method.ShouldBe("GET");
    }

    [Fact]
    public async Task Headers_of_the_caller_stay_here_and_headers_of_HubSpot_stay_there()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.Headers.Clear();
        auth.HubSpot.Says(() =>
        {
            var response = ScriptedHubSpot.Status(200)();
            response.Headers.Add("Set-Cookie", "session=evil");
            response.Headers.Add("Location", "https://evil.example/");
            response.Headers.Add("X-Anything", "evil");
            return response;
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/egress/{auth.Subscription}/crm/objects/contacts/search") { Content = new StringContent("{}") };
        foreach (var name in new[] { "Authorization", "Cookie", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Referer", "X-Anything", "hubspot-account" })
            request.Headers.TryAddWithoutValidation(name, "Bearer evil");
        request.Headers.Host = "evil.example";
        using var answer = await auth.Inside().SendAsync(request, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var name in new[] { "Set-Cookie", "Location", "X-Anything" })
            answer.Headers.Contains(name).ShouldBeFalse(name);
        auth.HubSpot.Headers.ShouldAllBe(line => !line.Contains("evil") && !line.Contains(AuthUnderTest.ServiceKey));
        auth.HubSpot.Headers.ShouldContain("Authorization: Bearer access-token-number-1");
        auth.HubSpot.Hosts.ShouldAllBe(host => host == "api.hubapi.com");
    }

    [Theory]
    [InlineData("Content-Type: application/json\rAuthorization: Bearer evil")]
    [InlineData("Content-Type: application/json\nAuthorization: Bearer evil")]
    [InlineData("Content-Type: application/json\r\n Authorization: Bearer evil")]
    [InlineData("Content-Type: application/json\0Authorization: Bearer evil")]
    [InlineData("X-HubSpotBus-Lane: live\r\nX-HubSpotBus-Lane: token")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 5")]
    public async Task Headers_that_hide_others_are_refused_or_lead_to_no_header_at_HubSpot(string headers)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.Headers.Clear();
        await RawAsync(auth, "POST", headers, "0\r\n\r\n");
        auth.HubSpot.Headers.ShouldAllBe(line => !line.Contains("evil") || line.StartsWith("Content-Type:"));
        auth.HubSpot.Headers.Count(line => line.StartsWith("Authorization:")).ShouldBeLessThanOrEqualTo(1);
        auth.HubSpot.Calls.ShouldAllBe(call => call.Token == "access-token-number-1" && !(call.ContentType ?? "").Any(char.IsControl));
    }

    [Theory]
    [InlineData("not-a-guid")]
    [InlineData("..")]
    [InlineData("%00")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    public async Task A_subscription_that_is_none_has_no_connection(string subscription)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var answer = await auth.Inside().GetAsync(
            new Uri($"/egress/{subscription}/crm/objects/contacts", UriKind.Relative), TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.ServiceUnavailable);
        auth.HubSpot.Calls.ShouldBeEmpty();
    }

    private static IEnumerable<(HttpMethod Method, string Path)> Endpoints(AuthUnderTest auth) =>
        auth.Service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => !_outside.Contains(e.RoutePattern.RawText))
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => (new HttpMethod(method), e.RoutePattern.RawText!
                .Replace("{subscriptionId:guid}", auth.Subscription.ToString(), StringComparison.Ordinal)
                .Replace("{**path}", "crm/objects/contacts", StringComparison.Ordinal))));

    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, HttpMethod method, string path, string? key)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null)
            request.Headers.TryAddWithoutValidation(ServiceKeys.Header, key);
        if (method != HttpMethod.Get)
            request.Content = new StringContent("""{"token":"pat-na1-of-a-stranger"}""", null, "application/json");
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<int> RawAsync(AuthUnderTest auth, string method, string headers, string body = "", string path = "crm/objects/contacts/search")
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", auth.Service.BaseAddress.Port, TestContext.Current.CancellationToken);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} /egress/{auth.Subscription}/{path} HTTP/1.1\r\nHost: x\r\n{ServiceKeys.Header}: {ServiceKeys.Of(AuthUnderTest.ServiceKey, auth.Subscription)}\r\n"
            + $"Connection: close\r\n{headers}\r\n\r\n{body}"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        return int.Parse((await reader.ReadLineAsync(TestContext.Current.CancellationToken))!.Split(' ')[1], null);
    }
}
