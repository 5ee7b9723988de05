using HubSpotBus.HubSpotSimulator;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>Services that run on from test to test, each with a company and a HubSpot account of its own: to start them takes longer than most tests.</summary>
public abstract class SharedInstallation(RealServers servers, int replicas) : IAsyncDisposable
{
    private AnInstallationOfProcesses? _installation;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_installation is not null)
            await _installation.DisposeAsync();
    }

    /// <param name="subscription">Settings as the API takes them.</param>
    /// <param name="before">What HubSpot, and the account of the number, is to be like from the connecting on.</param>
    internal async Task<AnInstallationOfProcesses> ConnectedAsync(object? subscription = null, Action<SimulatorHost, long>? before = null)
    {
        _installation ??= await AnInstallationOfProcesses.StartAsync(servers, replicas);
        await _installation.ConnectAsync(subscription, before);
        return _installation;
    }
}

public sealed class OneReplica(RealServers servers) : SharedInstallation(servers, replicas: 1);

/// <summary>Of every service; for all tests that ask for them.</summary>
[CollectionDefinition]
public sealed class TwoReplicas(RealServers servers) : SharedInstallation(servers, replicas: 2), ICollectionFixture<TwoReplicas>;
