using System.Net;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Egress;

/// <summary>Calls that HubSpot has not answered yet, and behind them others that wait for their permits.</summary>
internal sealed class AWaitingLine : IDisposable
{
    private readonly SemaphoreSlim _gate = new(0);
    private Func<HttpResponseMessage> _answer = ScriptedHubSpot.Status(200);

    private AWaitingLine()
    {
    }

    /// <summary>Those that go come first.</summary>
    public IReadOnlyList<Task<HttpResponseMessage>> Asking { get; private set; } = [];

    public static async Task<AWaitingLine> BehindAsync(AuthUnderTest auth, int going, int waiting)
    {
        await auth.SaveAsync(s => s with { ConcurrentConnections = going });
        var line = new AWaitingLine();
        auth.HubSpot.Answer = async _ =>
        {
            await line._gate.WaitAsync(TestContext.Current.CancellationToken);
            return line._answer();
        };
        var first = Enumerable.Range(0, going).Select(_ => auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).ToList();
        await ServiceUnderTest.UntilAsync(() => Task.FromResult(auth.HubSpot.Calls.Count == going), "HubSpot thinks");
        line.Asking = [.. first, .. Enumerable.Range(0, waiting).Select(_ => auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts"))];
        await ServiceUnderTest.UntilAsync(async () => (await auth.MeterAsync()).Throttle.Waiting == waiting, "the others wait");
        return line;
    }

    /// <summary>HubSpot answers, those that come later too.</summary>
    public void Open(Func<HttpResponseMessage>? answer = null)
    {
        _answer = answer ?? _answer;
        _gate.Release(1000);
    }

    public void OpenOne(Func<HttpResponseMessage> answer)
    {
        _answer = answer;
        _gate.Release();
    }

    /// <summary>All have their answers: so many that the connection is paused, the others HubSpot's.</summary>
    public async Task EndedAsync(int paused)
    {
        var answers = await Task.WhenAll(Asking).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        answers.Count(a => a.StatusCode == HttpStatusCode.ServiceUnavailable && a.Headers.GetValues("X-HubSpotBus-Egress").Single() == "paused").ShouldBe(paused);
        answers.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBe(answers.Length - paused);
    }

    public void Dispose() => _gate.Dispose();
}
