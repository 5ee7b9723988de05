using System.Net;
using HubSpotBus.Contracts.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>What the keys of the public API open inside. No key and wrong ones are in EgressAttackTests, other companies' keys in the hub's ApiTests.</summary>
public sealed class ServiceKeyTests
{
    [Fact]
    public async Task Neither_a_companys_key_nor_the_administrators_opens_the_egress_or_another_internal_endpoint()
    {
        await using var installation = await AnInstallation.StartAsync();
        var company = await installation.Hub.PostAsync("/api/companies", new { name = "Tenant" });
        var made = await installation.Hub.PostAsync(
            $"/api/companies/{company["id"]}/subscriptions", new { name = "Its own", apiUrl = installation.Simulator.BaseAddress.ToString() });
        var inside = installation.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("/egress", StringComparison.Ordinal) || e.RoutePattern.RawText.StartsWith("/internal", StringComparison.Ordinal))
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => (new HttpMethod(method), e.RoutePattern.RawText!
                .Replace("{subscriptionId:guid}", (string)made["id"]!, StringComparison.Ordinal)
                .Replace("{**path}", "crm/objects/contacts", StringComparison.Ordinal)))).ToList();
        inside.Count.ShouldBeGreaterThanOrEqualTo(9);

        using var http = new HttpClient { BaseAddress = installation.Address };
        foreach (var key in new[] { (string)company["apiKey"]!, AnInstallation.AdminKey })
        {
            foreach (var (method, path) in inside)
            {
                using var request = new HttpRequestMessage(method, path);
                request.Headers.Authorization = new("Bearer", key);
                request.Headers.Add("X-Api-Key", key);
                request.Headers.Add(ServiceKeys.Header, key);
                if (method != HttpMethod.Get)
                    request.Content = new StringContent("""{"token":"pat-na1-of-a-stranger"}""", null, "application/json");
                using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
                answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path}");
            }
        }

        installation.Simulator.Calls.Total.ShouldBe(0);
    }
}
