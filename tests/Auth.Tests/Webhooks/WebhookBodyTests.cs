using System.Text;
using HubSpotBus.Auth.Webhooks;
using HubSpotBus.Contracts.Connections;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Webhooks;

public sealed class WebhookBodyTests
{
    [Theory]
    [InlineData("contact.creation", null, "contacts", HubSpotChangeKind.Created)]
    [InlineData("company.deletion", null, "companies", HubSpotChangeKind.Deleted)]
    [InlineData("deal.restore", null, "deals", HubSpotChangeKind.Restored)]
    [InlineData("product.propertyChange", null, "products", HubSpotChangeKind.PropertyChanged)]
    [InlineData("line_item.creation", null, "line_items", HubSpotChangeKind.Created)]
    [InlineData("contact.privacyDeletion", null, "contacts", HubSpotChangeKind.PrivacyDeleted)]
    [InlineData("object.creation", "0-123", "orders", HubSpotChangeKind.Created)]
    [InlineData("object.propertyChange", "0-1", "contacts", HubSpotChangeKind.PropertyChanged)]
    [InlineData("object.deletion", "2-3453932", "2-3453932", HubSpotChangeKind.Deleted)]
    public void A_type_of_event_is_an_object_type_and_a_kind_of_change(string type, string? typeId, string objectType, HubSpotChangeKind kind)
    {
        var only = One($$"""{"portalId":33,"occurredAt":1462216307945,"subscriptionType":"{{type}}","objectId":7,"objectTypeId":{{(typeId is null ? "null" : $"\"{typeId}\"")}}}""");
        (only.HubSpotAccountId, only.ObjectType, only.Change.Kind, only.Change.ObjectId).ShouldBe((33, objectType, kind, "7"));
        only.Change.OccurredAt.ToUnixTimeMilliseconds().ShouldBe(1462216307945);
    }

    [Fact]
    public void A_changed_property_is_named_and_its_value_is_left_behind()
    {
        var only = One("""
            {"eventId":1,"portalId":33,"occurredAt":1,"subscriptionType":"contact.propertyChange","objectId":7,"propertyName":"email",
             "propertyValue":"ann@example.com","changeSource":"INTEGRATION","sourceId":"1234444"}
            """);
        (only.Change.Property, only.Change.Source, only.Change.SourceId).ShouldBe(("email", "INTEGRATION", "1234444"));
        only.ToString().ShouldNotContain("ann@example.com");
    }

    [Fact]
    public void A_merge_leads_from_the_old_ids_to_the_new_one() => One("""
        {"portalId":33,"occurredAt":1,"subscriptionType":"contact.merge","objectId":1,"primaryObjectId":1,"mergedObjectIds":[2],"newObjectId":3}
        """).Change.ShouldSatisfyAllConditions(
            change => change.ObjectId.ShouldBe("3"),
            change => change.MergedObjectIds.ShouldBe(["2", "1"]));

    [Fact]
    public void A_changed_association_has_two_ends()
    {
        var only = One("""
            {"portalId":33,"occurredAt":1,"subscriptionType":"contact.associationChange","associationType":"CONTACT_TO_COMPANY",
             "fromObjectId":1,"toObjectId":2,"associationRemoved":false,"isPrimaryAssociation":true}
            """);
        (only.ObjectType, only.Change.ObjectId, only.Change.AssociatedObjectId).ShouldBe(("contacts", "1", "2"));
    }

    [Fact]
    public void What_differs_when_an_event_is_told_again_makes_no_other_event_of_it()
    {
        const string First = """{"eventId":1,"subscriptionId":5,"portalId":33,"occurredAt":1,"subscriptionType":"contact.creation","objectId":7,"attemptNumber":0}""";
        const string Again = """{"attemptNumber":3,"objectId":7,"subscriptionType":"contact.creation","occurredAt":1,"portalId":33,"subscriptionId":6,"eventId":2}""";
        One(Again).Key.ShouldBe(One(First).Key);
    }

    [Theory]
    [InlineData("\"portalId\":33", "\"portalId\":34")]
    [InlineData("\"objectId\":7", "\"objectId\":8")]
    [InlineData("\"occurredAt\":1", "\"occurredAt\":2")]
    [InlineData("\"propertyName\":\"a\"", "\"propertyName\":\"b\"")]
    [InlineData("\"propertyValue\":\"x\"", "\"propertyValue\":\"y\"")]
    [InlineData("contact.", "company.")]
    public void Events_with_one_number_that_say_something_else_are_two(string said, string saidInstead)
    {
        const string Event = """{"eventId":1,"portalId":33,"occurredAt":1,"subscriptionType":"contact.propertyChange","objectId":7,"propertyName":"a","propertyValue":"x"}""";
        One(Event.Replace(said, saidInstead, StringComparison.Ordinal)).Key.ShouldNotBe(One(Event).Key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[")]
    [InlineData("{'example_field':'example_value'}")]
    public void A_body_that_is_no_array_is_refused(string body) => WebhookBody.Read(Encoding.UTF8.GetBytes(body)).ShouldBeNull();

    [Theory]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"portalId":"x","occurredAt":1,"subscriptionType":"contact.creation","objectId":7}""")]
    [InlineData("""{"portalId":33,"occurredAt":1,"subscriptionType":"contact","objectId":7}""")]
    [InlineData("""{"portalId":33,"occurredAt":1,"subscriptionType":"contact.painted","objectId":7}""")]
    [InlineData("""{"portalId":33,"occurredAt":1,"subscriptionType":"object.creation","objectId":7}""")]
    [InlineData("""{"portalId":33,"occurredAt":1,"subscriptionType":"contact.creation"}""")]
    [InlineData("""{"portalId":33,"occurredAt":9223372036854775807,"subscriptionType":"contact.creation","objectId":7}""")]
    public void An_event_that_cannot_be_understood_takes_no_other_with_it(string strange)
    {
        var read = WebhookBody.Read(Encoding.UTF8.GetBytes(
            $$"""[{{strange}},{"portalId":33,"occurredAt":1,"subscriptionType":"contact.creation","objectId":7}]"""));
        read.ShouldNotBeNull();
        (read.Value.Events.Single().Change.ObjectId, read.Value.NotUnderstood).ShouldBe(("7", 1));
    }

    private static HubSpotEvent One(string json) => WebhookBody.Read(Encoding.UTF8.GetBytes($"[{json}]"))!.Value.Events.Single();
}
