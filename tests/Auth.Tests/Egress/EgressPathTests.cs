using System.Reflection;
using HubSpotBus.Auth.Egress;
using HubSpotBus.HubSpot.Crm;
using Refit;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Egress;

public sealed class EgressPathTests
{
    [Theory]
    [InlineData("POST", "crm/objects/contacts/batch/read", "crm/objects/2026-09/contacts/batch/read")]
    [InlineData("GET", "crm/objects/orders?limit=100&after=a%20b", "crm/objects/2026-09/orders?limit=100&after=a%20b")]
    [InlineData("GET", "crm/properties/0-123", "crm/properties/2026-09/0-123")]
    [InlineData("GET", "crm/pipelines/orders", "crm/pipelines/2026-09/orders")]
    [InlineData("POST", "crm/associations/orders/contacts/batch/create", "crm/associations/2026-09/orders/contacts/batch/create")]
    [InlineData("GET", "crm/objects/contacts/a%40b.example?idProperty=email", "crm/objects/2026-09/contacts/a%40b.example?idProperty=email")]
    [InlineData("GET", "account-info/details", "account-info/2026-09/details")]
    public void The_api_version_is_put_after_the_root(string method, string asked, string sent) =>
        EgressPath.Parse(method, asked)!.At("2026-09").ShouldBe(sent);

    [Fact]
    public void All_that_the_services_ask_passes()
    {
        var asked = typeof(IHubSpotApi).GetMethods().SelectMany(call => call.GetCustomAttributes<HttpMethodAttribute>()).SelectMany(call =>
            new[] { "create", "read", "update", "upsert" }.Select(operation => (Method: call.Method.Method, Path: call.Path
                .Replace("/egress/{subscriptionId}/", "", StringComparison.Ordinal).Replace("{operation}", operation, StringComparison.Ordinal)
                .Replace("{objectType}", "contacts", StringComparison.Ordinal).Replace("{fromType}", "orders", StringComparison.Ordinal)
                .Replace("{toType}", "contacts", StringComparison.Ordinal).Replace("{id}", "17", StringComparison.Ordinal)))).Distinct().ToList();
        asked.Count.ShouldBe(13);
        asked.Where(a => EgressPath.Parse(a.Method, a.Path) is null).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("POST", "crm/objects/contacts")]
    [InlineData("PATCH", "crm/objects/contacts/17")]
    [InlineData("DELETE", "crm/objects/contacts/17")]
    [InlineData("PUT", "crm/objects/orders/17/associations/default/contacts/2")]
    [InlineData("GET", "crm/objects/orders/17/associations/contacts")]
    [InlineData("POST", "crm/objects/contacts/17")]
    [InlineData("POST", "crm/objects/contacts/merge")]
    [InlineData("POST", "crm/objects/contacts/gdpr-delete")]
    [InlineData("POST", "crm/objects/contacts/batch/gdpr-delete")]
    [InlineData("POST", "crm/objects/contacts/batch/read/more")]
    [InlineData("GET", "crm/objects/contacts/batch/read")]
    [InlineData("POST", "crm/properties/contacts/batch/archive")]
    [InlineData("PATCH", "crm/properties/contacts/email")]
    [InlineData("DELETE", "crm/properties/contacts/email")]
    [InlineData("GET", "crm/properties/contacts/email")]
    [InlineData("POST", "crm/pipelines/orders")]
    [InlineData("DELETE", "crm/pipelines/orders/1")]
    [InlineData("GET", "crm/associations/orders/contacts/labels")]
    [InlineData("POST", "crm/associations/orders/contacts/batch/read")]
    [InlineData("POST", "crm/associations/orders/contacts/labels")]
    [InlineData("POST", "account-info/details")]
    [InlineData("get", "crm/objects/contacts")]
    [InlineData("GET crm/objects/contacts\n", "crm/objects/contacts")]
    public void What_no_service_asks_is_refused(string method, string asked) => EgressPath.Parse(method, asked).ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData("crm/objects")]
    [InlineData("crm/objects/")]
    [InlineData("crm/objectsx/contacts")]
    [InlineData("oauth/2026-09/token")]
    [InlineData("account-info/details/more")]
    [InlineData("account-info/api-usage/daily/private-apps")]
    [InlineData("crm/objects/../../oauth/2026-09/token")]
    [InlineData("crm/objects/./contacts")]
    [InlineData("crm/objects/%2e%2e/%2e%2e/oauth")]
    [InlineData("crm/objects/.%2E/properties")]
    [InlineData("crm/objects/contacts%2F..%2F..%2Foauth")]
    [InlineData("crm/objects/contacts%2f17")]
    [InlineData("crm/objects/contacts%5c17")]
    [InlineData("crm/objects/contacts\\17")]
    [InlineData("crm/objects/%252e%252e/oauth")]
    [InlineData("crm/objects//contacts")]
    [InlineData("crm/objects/contacts/")]
    [InlineData("/crm/objects/contacts")]
    [InlineData("//evil.example/crm/objects/contacts")]
    [InlineData("https://evil.example/crm/objects/contacts")]
    [InlineData("http:/crm/objects/contacts")]
    [InlineData("crm/objects/contacts%0d%0aHost:evil.example")]
    [InlineData("crm/objects/contacts%00")]
    [InlineData("crm/objects/contacts#x")]
    [InlineData("crm/objects/contacts?x=#y")]
    [InlineData("crm/objects/contacts?x=\r\nHost: evil.example")]
    [InlineData("crm/objects/con tacts")]
    [InlineData("crm/objects/contacts%")]
    [InlineData("crm/objects/contacts;a=b%3b")]
    [InlineData("crm%2Fobjects/contacts")]
    [InlineData("CRM/objects/contacts")]
    public void Whatever_could_lead_elsewhere_is_refused(string asked)
    {
        EgressPath.Parse("GET", asked).ShouldBeNull();
        EgressPath.Parse("POST", asked).ShouldBeNull();
    }

    [Theory]
    [InlineData("POST", "crm/objects/contacts/batch/create", false)]
    [InlineData("POST", "crm/properties/contacts", false)]
    [InlineData("POST", "crm/objects/contacts/batch/read", true)]
    [InlineData("POST", "crm/objects/contacts/batch/upsert", true)]
    [InlineData("POST", "crm/objects/contacts/batch/update", true)]
    [InlineData("POST", "crm/objects/contacts/batch/archive", true)]
    [InlineData("POST", "crm/objects/contacts/search", true)]
    [InlineData("POST", "crm/associations/orders/contacts/batch/create", true)]
    [InlineData("GET", "crm/objects/contacts", true)]
    public void Only_what_leaves_the_same_behind_may_be_repeated(string method, string path, bool may) =>
        EgressPath.Parse(method, path)!.MayRepeat.ShouldBe(may);

    [Theory]
    [InlineData("POST", "crm/objects/contacts/batch/read", "contacts batch read")]
    [InlineData("POST", "crm/objects/contacts/search", "contacts search")]
    [InlineData("GET", "crm/objects/contacts/search", "contacts get")]
    [InlineData("GET", "crm/objects/orders?limit=100", "orders list")]
    [InlineData("POST", "crm/associations/orders/contacts/batch/create", "associations")]
    [InlineData("GET", "crm/pipelines/orders", "pipelines")]
    [InlineData("GET", "account-info/details", "account-info")]
    public void A_call_has_a_kind_in_words(string method, string path, string kind) => EgressPath.Parse(method, path)!.Kind.ShouldBe(kind);

    [Fact]
    public void A_search_is_known_as_one()
    {
        EgressPath.Parse("POST", "crm/objects/contacts/search")!.IsSearch.ShouldBeTrue();
        EgressPath.Parse("POST", "crm/objects/contacts/batch/read")!.IsSearch.ShouldBeFalse();
    }
}
