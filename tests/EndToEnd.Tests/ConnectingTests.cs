using System.Text.Json.Nodes;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpotSimulator.Faults;
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
        "ConnectingState AdoptingProducts", "ConnectingState AdoptingTransactions", "ConnectingState Ready", "ConnectingState Failed",
    ];

    // Auth, whose saga it is, at each of its steps; the others at their answers to it.
    private static readonly Dictionary<string, string[]> KilledAt = new()
    {
        [AnInstallationOfProcesses.Auth] = Steps,
        [AnInstallationOfProcesses.Mapping] = [nameof(PropertiesPrepared), nameof(CategoriesResolved), nameof(MappingsPrepared)],
        [AnInstallationOfProcesses.Customer] = [nameof(RecordsAdopted)],
        [AnInstallationOfProcesses.ProductPrerequisite] = [nameof(RecordsAdopted)],
        [AnInstallationOfProcesses.Transaction] = [nameof(RecordsAdopted)],
    };

    [Fact]
    public async Task Connecting_ends_connected_or_failed_with_a_reason_although_whoever_does_a_step_is_killed_before_and_after_its_commit()
    {
        await using var installation = await AnInstallationOfProcesses.StartAsync(servers);
        var api = installation.Api;
        var company = $"/api/companies/{(await api.PostAsync("/api/companies", new { name = "Tenant" }))["id"]}";
        var made = await api.PostAsync($"{company}/subscriptions", new
        {
            name = "HubSpot - Test", apiUrl = installation.Simulator.BaseAddress.ToString(), companyCategoryFieldName = "Customer tier",
        });
        var subscription = $"{company}/subscriptions/{made["id"]}";
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        List<Task> killing = [];
        foreach (var (service, steps) in KilledAt)
        {
            var replica = installation.Replicas(service)[0];
            await replica.KillAsync();
            var onlyAt = service == AnInstallationOfProcesses.Auth ? "ConnectionAuthorised ConnectingState" : string.Join(' ', steps);
            killing.Add(replica.KillAtEachCommitAsync(FileOf(service), onlyAt, enough.Token));
        }

        await EndsAsync("connected");
        // Looked for, whatever was killed; there is none.
        ((string?)(await api.GetAsync($"{subscription}/connection"))["account"]!["categoryProblem"]).ShouldNotBeNull().ShouldContain("Customer tier");
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { PathContains = "/crm/properties/" }, Status = 400 });
        await EndsAsync("failed");
        ((string?)(await api.GetAsync($"{subscription}/connection"))["reason"]).ShouldNotBeNullOrEmpty();
        await enough.CancelAsync();
        await Task.WhenAll(killing);

        foreach (var (service, steps) in KilledAt)
        {
            var killed = await File.ReadAllLinesAsync(FileOf(service), TestContext.Current.CancellationToken);
            KillTests.Tell($"{service}, {killed.Length} times before and after its commits while a subscription was connected");
            foreach (var (when, step) in steps.SelectMany(s => new[] { ("before", s), ("after", s) }))
                killed.ShouldContain(k => k.StartsWith($"{when} ", StringComparison.Ordinal) && k.Contains(step, StringComparison.Ordinal), $"{service} {when} {step}");
        }

        await installation.NoErrorsAsync();

        string FileOf(string service) => Path.Combine(installation.Folder, $"{service}-killed-at");

        // A killer that ends has failed.
        async Task EndsAsync(string state) => await await Task.WhenAny([.. killing, ConnectAsync(state)]);

        async Task ConnectAsync(string state)
        {
            var before = await AttemptsAsync();
            await UntilHeardAsync(async () =>
            {
                if (await AttemptsAsync() == before)
                    await api.ConnectAsync(subscription, NorthwindFiles.HubSpotAccountId);
                return true;
            }, "HubSpot is approved");
            await UntilHeardAsync(async () => (string?)(await api.GetAsync($"{subscription}/connection"))["state"] == state, $"the subscription is {state}");
        }

        // Each approval is a refresh of the tokens, of which Auth knows: the hub tells of none while it is killed.
        async Task<string?> AttemptsAsync()
        {
            JsonNode? grant = null;
            await UntilHeardAsync(async () => (grant = (await api.GetAsync($"{subscription}/connection"))["grant"]) is not null, "Auth is asked");
            return (string?)grant!["lastRefreshAt"];
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
