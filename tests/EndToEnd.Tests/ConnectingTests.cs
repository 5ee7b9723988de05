using HubSpotBus.Samples.Northwind;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>Connecting with every service as a process of its own, on RabbitMQ and PostgreSQL.</summary>
public sealed class ConnectingTests(RealServers servers)
{
    private static readonly string[] Steps =
    [
        "Added OutboxMessage ConnectionAuthorised", "ConnectingState IdentifyingAccount", "ConnectingState PreparingProperties",
        "ConnectingState ResolvingCategories", "ConnectingState PreparingMappings", "ConnectingState AdoptingCustomers",
        "ConnectingState AdoptingProducts", "ConnectingState AdoptingTransactions", "ConnectingState Ready",
    ];

    [Fact]
    public async Task Connecting_ends_connected_although_Auth_is_killed_before_and_after_the_commit_of_each_step()
    {
        await using var installation = await AnInstallationOfProcesses.StartAsync(servers);
        var (api, killedAt) = (installation.Api, Path.Combine(installation.Folder, "Auth-killed-at"));
        var company = $"/api/companies/{(await api.PostAsync("/api/companies", new { name = "Tenant" }))["id"]}";
        var made = await api.PostAsync($"{company}/subscriptions", new
        {
            name = "HubSpot - Test", apiUrl = installation.Simulator.BaseAddress.ToString(), companyCategoryFieldName = "Customer tier",
        });
        var subscription = $"{company}/subscriptions/{made["id"]}";
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var auth = installation.Replicas(AnInstallationOfProcesses.Auth)[0];
        await auth.KillAsync();
        var killing = auth.KillAtEachCommitAsync(killedAt, "ConnectionAuthorised ConnectingState", enough.Token);
        await await Task.WhenAny(killing, ConnectAsync());
        await enough.CancelAsync();
        await killing;

        var killed = await File.ReadAllLinesAsync(killedAt, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', killed));
        foreach (var (when, step) in Steps.SelectMany(s => new[] { ("before", s), ("after", s) }))
            killed.ShouldContain(k => k.StartsWith($"{when} ", StringComparison.Ordinal) && k.Contains(step, StringComparison.Ordinal), $"{when} {step}");
        // Looked for, whatever was killed; there is none.
        ((string?)(await api.GetAsync($"{subscription}/connection"))["account"]!["categoryProblem"]).ShouldNotBeNull().ShouldContain("Customer tier");
        await installation.NoErrorsAsync();

        async Task ConnectAsync()
        {
            await UntilHeardAsync(async () =>
            {
                if ((string?)(await api.GetAsync($"{subscription}/connection"))["grant"]?["state"] == "Connected")
                    return true;
                await api.ConnectAsync(subscription, NorthwindFiles.HubSpotAccountId);
                return true;
            }, "HubSpot is approved");
            await UntilHeardAsync(async () =>
            {
                var connection = await api.GetAsync($"{subscription}/connection");
                ((string?)connection["state"]).ShouldNotBe("failed", connection.ToJsonString());
                return (string?)connection["state"] == "connected";
            }, "the subscription is connected");
        }

        // Who is killed while asked says nothing.
        static Task UntilHeardAsync(Func<Task<bool>> condition, string what) => ServiceUnderTest.UntilAsync(async () =>
        {
            try
            {
                return await condition();
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, what, TimeSpan.FromMinutes(15)); // some twenty starts, on a machine that may have much else to do
    }
}
