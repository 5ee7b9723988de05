using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

public sealed class ApiTests
{
    [Fact]
    public async Task Every_refused_setting_is_named_in_one_answer_with_what_is_allowed()
    {
        await using var hub = await AHub.StartAsync();

        var refused = await hub.SendAsync(HttpMethod.Post, $"{hub.Company}/subscriptions", """
            {"name":"","version":"1999.1","apiUrl":"ftp://x","apiThrottleLimit":0,"apiThrottleSeconds":61,"concurrentConnections":11,"concurrentBatchExecutions":0}
            """, HttpStatusCode.BadRequest);

        var errors = refused["errors"]!.AsObject();
        errors.Select(e => e.Key).Order().ShouldBe(
            ["apiThrottleLimit", "apiThrottleSeconds", "apiUrl", "concurrentBatchExecutions", "concurrentConnections", "name", "version"]);
        ((string)errors["concurrentConnections"]![0]!).ShouldBe("1 to 10; default 5.");
    }

    [Fact]
    public async Task A_subscription_has_the_defaults_of_the_installation_instructions_and_an_empty_prerequisite_is_false()
    {
        await using var hub = await AHub.StartAsync();

        var made = await hub.SendAsync(HttpMethod.Post, $"{hub.Company}/subscriptions", """{"name":"HubSpot - Release","apiKey":"null"}""", HttpStatusCode.Created);
        ((int)made["apiThrottleLimit"]!).ShouldBe(500);
        ((int)made["apiThrottleSeconds"]!).ShouldBe(60);
        ((int)made["concurrentConnections"]!).ShouldBe(5);
        ((int)made["concurrentBatchExecutions"]!).ShouldBe(5);
        ((bool)made["transferProductsAsPrerequisite"]!).ShouldBeTrue();
        made.AsObject().ContainsKey("apiKey").ShouldBeFalse();
        var empty = await hub.SendAsync(HttpMethod.Post, $"{hub.Company}/subscriptions",
            """{"name":"HubSpot - Test","transferProductsAsPrerequisite":null}""", HttpStatusCode.Created);
        ((bool)empty["transferProductsAsPrerequisite"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task A_name_is_unique_within_the_company_whatever_its_case()
    {
        await using var hub = await AHub.StartAsync();
        await hub.SendAsync(HttpMethod.Post, $"{hub.Company}/subscriptions", """{"name":"HubSpot - Test"}""", HttpStatusCode.Created);

        var refused = await hub.SendAsync(HttpMethod.Post, $"{hub.Company}/subscriptions", """{"name":"hubspot - TEST"}""", HttpStatusCode.BadRequest);

        ((string)refused["errors"]!["name"]![0]!).ShouldContain("already");
    }

    [Fact]
    public async Task A_bad_line_of_an_upload_is_refused_alone_with_its_number()
    {
        await using var hub = await AHub.StartAsync();

        var answer = await hub.UploadAsync("companies",
            """{"id":"1","name":"One"}""",
            """{"id":"2","name":"Two" """,
            """{"id":"3","nmae":"Three"}""",
            """{"name":"no id"}""",
            """{"id":"5","name":5}""",
            """{"id":"6","name":"Six"}""");

        ((int)answer["accepted"]!).ShouldBe(2);
        ((int)answer["refused"]!).ShouldBe(4);
        var errors = (JsonArray)answer["errors"]!;
        errors.Select(e => (int)e!["line"]!).ShouldBe([2, 3, 4, 5]);
        errors[1]!["errors"]!.AsObject().ContainsKey("nmae").ShouldBeTrue();
        errors[2]!["errors"]!.AsObject().ContainsKey("id").ShouldBeTrue();
        errors[3]!["errors"]!.AsObject().ContainsKey("name").ShouldBeTrue();
        ((string?)errors[3]!["id"]).ShouldBe("5");
        ((int)(await hub.GetAsync($"{hub.Company}/records/companies"))["total"]!).ShouldBe(2);
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_record_is_told_at_once()
    {
        await using var hub = await AHub.StartAsync();

        var refused = await hub.PutAsync($"{hub.Company}/records/transactions/T1", """
            {"id":"T1","currency":"usd","shippingAmount":-1,"lines":[{"id":"1","sku":"A","quantity":1,"unitPrice":1},{"id":"1","sku":"","quantity":1,"unitPrice":-2,"discountPercent":101}]}
            """, HttpStatusCode.BadRequest);

        refused["errors"]!.AsObject().Select(e => e.Key).Order(StringComparer.Ordinal).ShouldBe(
            ["currency", "lines", "lines[1].discountPercent", "lines[1].sku", "lines[1].unitPrice", "shippingAmount"]);
    }

    [Fact]
    public async Task A_record_saved_as_it_was_gets_no_new_version_and_no_transfer()
    {
        await using var hub = await AHub.StartAsync();
        await hub.SendAsync(HttpMethod.Post, $"{hub.Company}/subscriptions", """{"name":"HubSpot - Test"}""", HttpStatusCode.Created);
        const string Json = """{"id":"1","name":"One","address":{"city":"Köln"}}""";

        var first = await hub.PutAsync($"{hub.Company}/records/companies/1", Json);
        var second = await hub.PutAsync($"{hub.Company}/records/companies/1", """{"name":"One","id":"1","address":{"city":"K\u00f6ln"}}""");

        ((bool)first["changed"]!).ShouldBeTrue();
        ((bool)second["changed"]!).ShouldBeFalse();
        ((long)second["version"]!).ShouldBe(1);
    }

    [Fact]
    public async Task Initialised_a_subscription_wants_every_record_that_was_there_before_it_once()
    {
        await using var hub = await AHub.StartAsync();
        await hub.UploadAsync("companies", [.. Enumerable.Range(1, 1200).Select(n => $$"""{"id":"F{{n}}","name":"Firm {{n}}"}""")]);
        await hub.PutAsync($"{hub.Company}/records/customers/C1", """{"id":"C1","lastName":"Smith"}""");
        var id = (await hub.SendAsync(HttpMethod.Post, $"{hub.Company}/subscriptions", """{"name":"HubSpot - Test"}""", HttpStatusCode.Created))["id"];
        var subscription = $"{hub.Company}/subscriptions/{id}";
        (await hub.GetAsync($"{subscription}/summary"))["transfers"]!.AsObject().ShouldBeEmpty();

        (await hub.SendAsync(HttpMethod.Post, $"{subscription}/initialise", "", HttpStatusCode.OK))["pending"]!.GetValue<int>().ShouldBe(1201);
        (await hub.SendAsync(HttpMethod.Post, $"{subscription}/initialise", "", HttpStatusCode.OK))["pending"]!.GetValue<int>().ShouldBe(0);

        var transfers = (await hub.GetAsync($"{subscription}/summary"))["transfers"]!;
        ((int)transfers["companies"]!["pending"]!, (int)transfers["customers"]!["pending"]!).ShouldBe((1200, 1));
    }

    [Fact]
    public async Task A_SKU_belongs_to_one_product()
    {
        await using var hub = await AHub.StartAsync();
        await hub.PutAsync($"{hub.Company}/records/products/P1", """{"id":"P1","sku":"A","variants":[{"id":"P1-L","sku":"A-L"}]}""");

        var refused = await hub.PutAsync($"{hub.Company}/records/products/P2", """{"id":"P2","sku":"A-L"}""", HttpStatusCode.BadRequest);

        ((string)refused["errors"]!["sku"]![0]!).ShouldContain("P1");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task What_is_not_the_JSON_expected_is_refused_as_problem_details(string body)
    {
        await using var hub = await AHub.StartAsync();

        using var answer = await hub.RawAsync(HttpMethod.Put, $"{hub.Company}/records/companies/1", body);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Fact]
    public async Task The_tracking_id_given_comes_back()
    {
        await using var hub = await AHub.StartAsync();
        using var http = hub.Service.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", AHub.AdminKey);
        http.DefaultRequestHeaders.Add("X-Tracking-Id", "track-me");

        using var answer = await http.PutAsync($"{hub.Company}/records/companies/1", new StringContent("""{"id":"1"}"""), TestContext.Current.CancellationToken);

        answer.Headers.GetValues("X-Tracking-Id").Single().ShouldBe("track-me");
        ((string?)(await hub.GetAsync($"{hub.Company}/records/companies/1"))["trackingId"]).ShouldBe("track-me");
    }

    [Fact]
    public async Task Without_a_known_key_every_endpoint_of_the_API_answers_401()
    {
        await using var hub = await AHub.StartAsync();
        foreach (var (method, path) in Endpoints(hub, Guid.Empty.ToString()))
        {
            foreach (var key in new[] { "", "unknown" })
            {
                using var answer = await hub.RawAsync(method, path, "{}", key);
                answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path}");
            }
        }
    }

    [Fact]
    public async Task Another_companys_key_gets_404_on_every_endpoint_of_a_company()
    {
        await using var hub = await AHub.StartAsync();
        var other = await hub.SendAsync(HttpMethod.Post, "/api/companies", """{"name":"Other"}""", HttpStatusCode.Created);
        var subscription = await hub.SendAsync(HttpMethod.Post, $"{hub.Company}/subscriptions", """{"name":"HubSpot - Test"}""", HttpStatusCode.Created);
        var endpoints = Endpoints(hub, (string)subscription["id"]!).Where(e => e.Path.Contains(hub.Company, StringComparison.Ordinal)).ToList();
        endpoints.Count.ShouldBeGreaterThan(15);

        foreach (var (method, path) in endpoints)
        {
            using var answer = await hub.RawAsync(method, path, "{}", (string)other["apiKey"]!);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, $"{method} {path}");
        }

        // And not for another reason: with the company's own key there is something.
        using var own = await hub.RawAsync(HttpMethod.Get, hub.Company, null, hub.CompanyKey);
        own.StatusCode.ShouldBe(HttpStatusCode.OK);
        // Nor does another's subscription open under the own company's path.
        using var crossed = await hub.RawAsync(HttpMethod.Get, $"/api/companies/{other["id"]}/subscriptions/{subscription["id"]}", null, (string)other["apiKey"]!);
        crossed.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_subscription_stays_while_its_grant_cannot_be_given_back()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();

        var refusal = await hub.SendAsync(HttpMethod.Delete, subscription, null, HttpStatusCode.ServiceUnavailable);

        ((string)refusal["detail"]!).ShouldBe("Auth could not be reached. Try again in a moment.");
        ((string)(await hub.GetAsync(subscription))["connection"]!).ShouldBe("Connected");
    }

    [Fact]
    public async Task The_OpenAPI_document_and_the_status_page_are_there()
    {
        await using var hub = await AHub.StartAsync();
        using var http = hub.Service.CreateClient();

        (await http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken)).ShouldContain("/api/companies/{companyId}/subscriptions");
        (await http.GetStringAsync("/", TestContext.Current.CancellationToken)).ShouldContain("HubSpotBus");
    }

    private static IEnumerable<(HttpMethod Method, string Path)> Endpoints(AHub hub, string subscriptionId) =>
        hub.Service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("/api", StringComparison.Ordinal))
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m => (new HttpMethod(m), Regex.Replace(
                e.RoutePattern.RawText!, @"\{(\w+)(:\w+)?\}", name => name.Groups[1].Value switch
                {
                    "companyId" => hub.Company.Split('/')[^1],
                    "subscriptionId" => subscriptionId,
                    "type" => "companies",
                    _ => "1",
                }))));
}
