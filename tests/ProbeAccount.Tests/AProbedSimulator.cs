using System.Globalization;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.Samples.ProbeAccount;
using HubSpotBus.Samples.ProbeAccount.Facts;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.ProbeAccount.Tests;

/// <summary>A simulator and a probe of it, whose waits only move the simulator's clock.</summary>
internal sealed class AProbedSimulator : IAsyncDisposable
{
    public const string Token = "pat-sim-12345678";

    private const long PortalId = 12345678;

    private static readonly string[] Types = ["contacts", "companies", "products", "orders", "deals", "line_items"];

    private readonly FakeTimeProvider _time;
    private readonly StringWriter _output = new(CultureInfo.InvariantCulture);

    private AProbedSimulator(SimulatorHost host, FakeTimeProvider time) => (Host, _time) = (host, time);

    public SimulatorHost Host { get; }

    /// <summary>What Ctrl-C does.</summary>
    public CancellationTokenSource Stop { get; } = new();

    /// <summary>How long the probe has waited in all.</summary>
    public TimeSpan Waited { get; private set; }

    public string Output => _output.ToString();

    public IReadOnlyList<string> Lines => Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The rows of the facts, without head.</summary>
    public IReadOnlyList<string> Rows => [.. Lines.Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(1)];

    public static async Task<AProbedSimulator> StartAsync()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
        return new(await SimulatorHost.StartAsync(time: time), time);
    }

    public Task<int> ProbeAsync(params Fact[] facts) => ProbeAsync(facts, Token);

    public async Task<int> ProbeAsync(IReadOnlyList<Fact> facts, string token = Token, bool force = true, bool connect = false)
    {
        using var http = Host.CreateClient();
        var account = new ProbedAccount(http, token, WaitAsync, Stop.Token);
        return await new AccountProbe(account, _output, facts, connect ? new OwnConnection(token) : null).RunAsync(force);
    }

    /// <summary>From now on calls of this kind are answered so.</summary>
    public void Answers(string kind, int status, string? body = null, int? times = null, string when = "before") =>
        Host.Faults.Add(new Fault
        {
            Match = new FaultMatch { Kind = kind },
            Status = status,
            Body = body is null ? null : JsonNode.Parse(body),
            Times = times,
            When = when,
        });

    /// <summary>Neither records nor properties are there that an account does not have from the start.</summary>
    public async Task ShouldBeEmptyAsync()
    {
        using var http = Host.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        foreach (var type in Types)
        {
            Host.Store.Portal(PortalId).Records(type).ShouldBeEmpty(type);
            var properties = await http.GetStringAsync($"/crm/properties/2026-09/{type}", TestContext.Current.CancellationToken);
            properties.ShouldNotContain("hubspotbus_probe_", customMessage: type);
            properties.ShouldNotContain("\"hub_", customMessage: type);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Stop.Dispose();
        await _output.DisposeAsync();
        await Host.DisposeAsync();
    }

    private Task WaitAsync(TimeSpan time, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        _time.Advance(time);
        Waited += time;
        return Task.CompletedTask;
    }
}
