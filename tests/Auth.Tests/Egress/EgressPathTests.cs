using HubSpotBus.Auth.Egress;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Egress;

public sealed class EgressPathTests
{
    [Theory]
    [InlineData("crm/objects/contacts/batch/read", "crm/objects/2026-09/contacts/batch/read")]
    [InlineData("crm/objects/orders/17/associations/contacts?limit=500&after=a%20b", "crm/objects/2026-09/orders/17/associations/contacts?limit=500&after=a%20b")]
    [InlineData("crm/properties/0-123", "crm/properties/2026-09/0-123")]
    [InlineData("crm/pipelines/orders", "crm/pipelines/2026-09/orders")]
    [InlineData("crm/associations/orders/contacts/batch/create", "crm/associations/2026-09/orders/contacts/batch/create")]
    [InlineData("crm/objects/contacts/a%40b.example?idProperty=email", "crm/objects/2026-09/contacts/a%40b.example?idProperty=email")]
    [InlineData("account-info/details", "account-info/2026-09/details")]
    public void The_api_version_is_put_after_the_root(string asked, string sent) => EgressPath.Parse(asked)!.At("2026-09").ShouldBe(sent);

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
    public void Whatever_could_lead_elsewhere_is_refused(string asked) => EgressPath.Parse(asked).ShouldBeNull();

    [Theory]
    [InlineData("POST", "crm/objects/contacts", false)]
    [InlineData("POST", "crm/objects/contacts/batch/create", false)]
    [InlineData("POST", "crm/properties/contacts", false)]
    [InlineData("POST", "crm/properties/contacts/batch/create", false)]
    [InlineData("POST", "crm/objects/contacts/merge", false)]
    [InlineData("POST", "crm/objects/contacts/batch/read", true)]
    [InlineData("POST", "crm/objects/contacts/batch/upsert", true)]
    [InlineData("POST", "crm/objects/contacts/batch/update", true)]
    [InlineData("POST", "crm/objects/contacts/batch/archive", true)]
    [InlineData("POST", "crm/objects/contacts/search", true)]
    [InlineData("POST", "crm/associations/orders/contacts/batch/create", true)]
    [InlineData("GET", "crm/objects/contacts", true)]
    [InlineData("PATCH", "crm/objects/contacts/1", true)]
    [InlineData("PUT", "crm/objects/orders/1/associations/default/contacts/2", true)]
    [InlineData("DELETE", "crm/objects/contacts/1", true)]
    public void Only_what_leaves_the_same_behind_may_be_repeated(string method, string path, bool may) =>
        EgressPath.Parse(path)!.MayRepeat(method).ShouldBe(may);

    [Theory]
    [InlineData("POST", "crm/objects/contacts/batch/read", "contacts batch read")]
    [InlineData("POST", "crm/objects/contacts/search", "contacts search")]
    [InlineData("GET", "crm/objects/orders?limit=100", "orders list")]
    [InlineData("POST", "crm/objects/orders", "orders create")]
    [InlineData("PATCH", "crm/objects/orders/17", "orders update")]
    [InlineData("DELETE", "crm/objects/orders/17", "orders archive")]
    [InlineData("PUT", "crm/objects/orders/17/associations/default/contacts/2", "orders associations")]
    [InlineData("GET", "crm/pipelines/orders", "pipelines")]
    [InlineData("GET", "account-info/details", "account-info")]
    public void A_call_has_a_kind_in_words(string method, string path, string kind) => EgressPath.Parse(path)!.Kind(method).ShouldBe(kind);

    [Fact]
    public void A_search_is_known_as_one()
    {
        EgressPath.Parse("crm/objects/contacts/search")!.IsSearch.ShouldBeTrue();
        EgressPath.Parse("crm/objects/contacts/batch/read")!.IsSearch.ShouldBeFalse();
    }
}
