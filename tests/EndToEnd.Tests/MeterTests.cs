using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>Whichever replica of Auth is asked, the meter knows of all.</summary>
public sealed class MeterTests(RealServers servers)
{
    // What nothing else asks for while orders are what transactions become.
    private const string Kind = "deals list";

    [Fact]
    public async Task The_meter_counts_what_all_replicas_do_also_what_one_did_that_was_killed()
    {
        await using var installation = await AnInstallationOfProcesses.StartAsync(servers);
        await installation.ConnectAsync(new { apiThrottleLimit = 400, apiThrottleSeconds = 60, concurrentConnections = 4 });
        await installation.AddReplicaAsync(AnInstallationOfProcesses.Auth);
        var replicas = installation.Replicas(AnInstallationOfProcesses.Auth);
        var subscription = installation.Subscription.Split('/')[^1];
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "deals.list" }, DelayMilliseconds = 120_000, Times = 2 });
        using var http = new HttpClient(new ShowServiceKey(AnInstallationOfProcesses.ServiceKey));
        var calls = replicas.Select(r => http.GetAsync(new Uri($"http://127.0.0.1:{r.Port}/egress/{subscription}/crm/objects/deals?limit=1"))).ToList();

        foreach (var replica in replicas)
        {
            await ServiceUnderTest.UntilAsync(
                async () => await CountAsync(replica) is { } count && (int)count["calls"]! == 2 && (int)count["inFlight"]! == 2, "both calls are under way");
        }

        await replicas[1].KillAsync();
        await ServiceUnderTest.UntilAsync(
            async () => await CountAsync(replicas[0]) is { } count && (int)count["calls"]! == 2 && (int)count["inFlight"]! == 1, "one is under way, two were made");
        await calls[1].ShouldThrowAsync<HttpRequestException>();

        async Task<JsonNode?> CountAsync(AServiceProcess replica)
        {
            var meter = await http.GetFromJsonAsync<JsonNode>($"http://127.0.0.1:{replica.Port}/internal/connections/{subscription}/meter");
            return meter!["counts"]!.AsArray().SingleOrDefault(c => (string)c!["kind"]! == Kind);
        }
    }
}
