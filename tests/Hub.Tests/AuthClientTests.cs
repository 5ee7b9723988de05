using System.Net;
using System.Net.Sockets;
using HubSpotBus.Hub.Subscriptions;
using Microsoft.AspNetCore.Http.HttpResults;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

public sealed class AuthClientTests
{
    [Fact]
    public async Task Auth_that_does_not_answer_in_time_was_not_reached()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start(); // takes connections and says nothing
        using var http = new HttpClient { BaseAddress = new Uri($"http://{silent.LocalEndpoint}"), Timeout = TimeSpan.FromMilliseconds(200) };
        var auth = new AuthClient(http);
        var cancellation = TestContext.Current.CancellationToken;
        (await auth.RefusalAsync(HttpMethod.Put, "/token", null, cancellation)).ShouldBeOfType<ProblemHttpResult>().StatusCode.ShouldBe(503);
        (await auth.AskAsync<string>(HttpMethod.Get, "/meter", cancellation)).ShouldBeOfType<ProblemHttpResult>().StatusCode.ShouldBe(503);
        (await auth.ReadAsync<string>("/connection", cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task Whoever_hangs_up_is_not_taken_for_Auth_that_does_not_answer()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var http = new HttpClient { BaseAddress = new Uri($"http://{silent.LocalEndpoint}") };
        using var hungUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Should.ThrowAsync<TaskCanceledException>(() => new AuthClient(http).ReadAsync<string>("/connection", hungUp.Token));
    }
}
