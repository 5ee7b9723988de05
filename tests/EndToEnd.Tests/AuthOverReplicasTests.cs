using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>What three replicas of Auth do once between them.</summary>
public sealed class AuthOverReplicasTests(RealServers servers)
{
    [Fact]
    public async Task Fifty_calls_at_expiry_on_three_replicas_ask_once_for_a_new_token()
    {
        await using var installation = await WithThreeAsync();
        var replicas = installation.Replicas(AnInstallationOfProcesses.Auth);
        using var http = new HttpClient(new ShowServiceKey(AnInstallationOfProcesses.ServiceKey));
        var (path, calls) = ($"egress/{installation.Subscription.Split('/')[^1]}/crm/objects/contacts", installation.Simulator.Calls);
        var before = calls.Of("oauth.token");

        await installation.ExpireTokensAsync();
        await ServiceUnderTest.UntilAsync(async () =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => http.GetAsync(new Uri($"http://127.0.0.1:{replicas[i % 3].Port}/{path}"))));
            answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK);
            return calls.Of("oauth.token") > before; // a replica sees a second later that the token has expired
        }, "the token is refreshed");

        calls.Of("oauth.token").ShouldBe(before + 1);
    }

    [Fact]
    public async Task An_event_that_comes_twenty_times_at_once_to_three_replicas_is_told_once()
    {
        await using var installation = await WithThreeAsync();
        var told = new ConcurrentQueue<long>();
        await using var listening = await installation.ListenAsync<HubSpotRecordsChanged>(fact =>
        {
            foreach (var change in fact.Changes)
                told.Enqueue(long.Parse(change.ObjectId, null));
        });
        using var http = new HttpClient();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SendUntilTakenAsync(objectId: 101)));
        await ServiceUnderTest.UntilAsync(() => Task.FromResult(told.Contains(101)), "the event is told");
        await SendUntilTakenAsync(objectId: 102);
        await ServiceUnderTest.UntilAsync(() => Task.FromResult(told.Contains(102)), "the next event is told");

        told.Count(id => id == 101).ShouldBe(1);
        await installation.NoErrorsAsync();

        // As HubSpot does: a replica that cannot store it within a second says 503, and gets it again.
        Task SendUntilTakenAsync(long objectId) => ServiceUnderTest.UntilAsync(async () =>
        {
            var status = await SendAsync(http, installation.AuthAddress, objectId);
            status.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable);
            return status == HttpStatusCode.OK;
        }, "the event is taken", TimeSpan.FromMinutes(1));
    }

    private async Task<AnInstallationOfProcesses> WithThreeAsync()
    {
        var installation = await AnInstallationOfProcesses.StartAsync(servers);
        await installation.ConnectAsync();
        await Task.WhenAll(installation.AddReplicaAsync(AnInstallationOfProcesses.Auth), installation.AddReplicaAsync(AnInstallationOfProcesses.Auth));
        return installation;
    }

    // Signed as HubSpot's documentation says: method, address, body and time, with the app's secret.
    private static async Task<HttpStatusCode> SendAsync(HttpClient http, Uri auth, long objectId)
    {
        var address = new Uri(auth, "webhooks/hubspot");
        var body = $$"""
            [{"eventId":1,"subscriptionId":25,"portalId":{{NorthwindFiles.HubSpotAccountId}},"appId":77,"occurredAt":1750000000123,
            "subscriptionType":"contact.propertyChange","attemptNumber":0,"objectId":{{objectId}},"propertyName":"email","propertyValue":"ann@example.com"}]
            """;
        var time = $"{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}";
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-HubSpot-Request-Timestamp", time);
        request.Headers.Add("X-HubSpot-Signature-v3", Convert.ToBase64String(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes("hubspotbus-demo-secret"), Encoding.UTF8.GetBytes($"POST{address}{body}{time}"))));
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
