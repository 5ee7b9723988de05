using System.Text.Json.Nodes;
using HubSpotBus.HubSpot.Batches;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpot.Tests;

public sealed class AssociationWriterTests
{
    private static readonly Guid Subscription = new("aaaaaaaa-0000-0000-0000-000000000001");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(207)]
    [InlineData(400)]
    public async Task Of_associations_whose_error_names_nobody_only_the_bad_one_is_refused(int status)
    {
        var (associations, egress) = ScriptedEgress.Answering<AssociationWriter>((_, body) => body["inputs"]!.AsArray().Any(i => (string?)i!["from"]!["id"] == "7")
            ? (status, status == 207 ? new JsonObject { ["errors"] = new JsonArray(ScriptedEgress.Error("Something is wrong")) } : ScriptedEgress.Error("Something is wrong"))
            : (201, new JsonObject()));

        var refused = await associations.AddAsync(Subscription, ObjectTypes.Orders,
            [.. Enumerable.Range(1, 100).Select(n => ($"{n}", new AssociationTo(ObjectTypes.Contacts, $"{1000 + n}", [AssociationTypes.OrderToContact])))], Stop);

        refused.Keys.ShouldBe(["7"]);
        egress.Calls.Count.ShouldBeLessThanOrEqualTo(21);
    }

    [Fact]
    public async Task Associations_over_which_HubSpot_thinks_for_too_long_are_made_in_halves()
    {
        var (associations, egress) = ScriptedEgress.Answering<AssociationWriter>((_, body) => body["inputs"]!.AsArray().Count > 600 ? (524, new JsonObject()) : (201, new JsonObject()));

        (await associations.AddAsync(Subscription, ObjectTypes.Orders,
            [.. Enumerable.Range(1, 1000).Select(n => ($"{n}", new AssociationTo(ObjectTypes.Contacts, "1", [AssociationTypes.OrderToContact])))], Stop)).ShouldBeEmpty();

        egress.Calls.Select(c => c.Body["inputs"]!.AsArray().Count).ShouldBe([1000, 500, 500]);
    }
}
