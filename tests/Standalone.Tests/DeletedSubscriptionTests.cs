using System.Net;
using HubSpotBus.Hub;
using HubSpotBus.Hub.BatchExecutions;
using HubSpotBus.Hub.Transfers;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>A subscription that somebody deletes while it transfers.</summary>
public sealed class DeletedSubscriptionTests
{
    [Fact]
    public async Task What_is_under_way_ends_what_waits_is_forgotten_and_the_grant_goes_back_to_HubSpot()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        var calls = installation.Simulator.Calls;
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "orders.batch.create" }, DelayMilliseconds = 500 });
        await AnInstallation.UploadAsync(installation.Hub, installation.Company, NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data")).ToDemo());
        await ServiceUnderTest.UntilAsync(() => Task.FromResult(calls.Of("orders.batch.create") > 0), "orders are written");

        (await installation.DeleteAsync(installation.Subscription)).ShouldBe(HttpStatusCode.NoContent);

        await ServiceUnderTest.UntilAsync(() => Task.FromResult(calls.Of("oauth.revoke") == 1), "the grant is given back");
        (await installation.DeleteAsync(installation.Subscription)).ShouldBe(HttpStatusCode.NotFound);
        (await installation.Hub.GetAsync($"{installation.Company}/subscriptions")).AsArray().ShouldBeEmpty();
        await ServiceUnderTest.UntilAsync(() => ReadAsync(db => db.BatchExecutions.AllAsync(b => b.State == BatchState.Done)), "no batch execution runs");
        (await ReadAsync(db => db.Slots.CountAsync())).ShouldBe(0);
        (await ReadAsync(db => db.Transfers.CountAsync(t => t.State == TransferState.Running))).ShouldBe(0);
        (await ReadAsync(async db =>
        {
            await db.DeleteOldAsync(DateTimeOffset.MinValue, TestContext.Current.CancellationToken);
            return await db.Transfers.CountAsync();
        })).ShouldBe(0);
        await installation.NoDeadLettersAsync();

        // The name is free again.
        await installation.Hub.PostAsync($"{installation.Company}/subscriptions", new { name = "HubSpot - Test" });

        async Task<T> ReadAsync<T>(Func<HubDb, Task<T>> read)
        {
            await using var scope = installation.Services.CreateAsyncScope();
            return await read(scope.ServiceProvider.GetRequiredService<HubDb>());
        }
    }
}
