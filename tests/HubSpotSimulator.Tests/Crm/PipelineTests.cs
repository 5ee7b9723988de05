using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class PipelineTests
{
    private const string Orders = "/crm/pipelines/2026-09/orders";

    [Theory]
    [InlineData("orders", 30)]
    [InlineData("deals", 100)]
    public async Task A_pipeline_has_so_many_stages_and_no_more(string type, int most)
    {
        await using var simulator = await ASimulator.StartAsync();
        var path = $"/crm/pipelines/2026-09/{type}";
        object Pipeline(string label, int stages) => new { label, displayOrder = 1, stages = Enumerable.Range(1, stages).Select(i => Stage(type, $"{i}")) };

        var over = await simulator.PostAsync(path, Pipeline("Over", most + 1));
        var full = await simulator.PostAsync(path, Pipeline("Full", most));
        var id = (string)full.Body["id"]!;
        var oneMore = await simulator.PostAsync($"{path}/{id}/stages", Stage(type, "one more"));
        var replaced = await simulator.SendAsync(HttpMethod.Put, $"{path}/{id}", Pipeline("Full", most + 1));

        (over.Status, full.Status, oneMore.Status, replaced.Status).ShouldBe((400, 201, 400, 400));
        over.Message!.ShouldContain($"at most {most} stages");
        (await simulator.GetAsync($"{path}/{id}/stages")).Results.Count.ShouldBe(most);
    }

    [Fact]
    public async Task Replacing_a_pipeline_leaves_only_the_stages_that_are_sent()
    {
        await using var simulator = await ASimulator.StartAsync();
        var made = await simulator.PostAsync(Orders, new { label = "Shop", displayOrder = 1, stages = new[] { Stage("orders", "Open"), Stage("orders", "Packed") } });
        var open = (string)made.Body["stages"]![0]!["id"]!;

        var replaced = await simulator.SendAsync(HttpMethod.Put, $"{Orders}/{made.Body["id"]}", new
        {
            label = "Web shop", displayOrder = 2,
            stages = new object[] { new { stageId = open, label = "New", displayOrder = 0, metadata = new { state = "OPEN" } }, Stage("orders", "Sent") },
        });
        var nameless = await simulator.SendAsync(HttpMethod.Put, $"{Orders}/{made.Body["id"]}", new { stages = new[] { Stage("orders", "Open") } });

        (replaced.Status, (string?)replaced.Body["label"], nameless.Status).ShouldBe((200, "Web shop", 400));
        var stages = (await simulator.GetAsync($"{Orders}/{made.Body["id"]}/stages")).Results;
        stages.Select(s => (string)s["label"]!).ShouldBe(["New", "Sent"]);
        ((string)stages[0]["id"]!).ShouldBe(open);
    }

    [Fact]
    public async Task A_stage_that_an_order_is_in_is_not_replaced_away()
    {
        await using var simulator = await ASimulator.StartAsync();
        var made = await simulator.PostAsync(Orders, new { label = "Shop", displayOrder = 1, stages = new[] { Stage("orders", "Open"), Stage("orders", "Packed") } });
        var (pipeline, packed) = ((string)made.Body["id"]!, (string)made.Body["stages"]![1]!["id"]!);
        await simulator.MakeAsync("orders", new { hs_order_name = "1", hs_pipeline = pipeline, hs_pipeline_stage = packed });

        var refused = await simulator.SendAsync(HttpMethod.Put, $"{Orders}/{pipeline}", new { label = "Shop", stages = new[] { Stage("orders", "Open") } });

        (refused.Status, (string?)refused.Body["subCategory"]).ShouldBe((400, "PipelineError.STAGE_ID_IN_USE"));
        refused.Body["context"]!["stageIds"]!.AsArray().Select(s => (string)s!).ShouldBe([packed]);
    }

    [Fact]
    public async Task Replacing_a_stage_needs_it_whole()
    {
        await using var simulator = await ASimulator.StartAsync();
        var made = await simulator.PostAsync(Orders, new { label = "Shop", displayOrder = 1, stages = new[] { Stage("orders", "Open") } });
        var path = $"{Orders}/{made.Body["id"]}/stages/{made.Body["stages"]![0]!["id"]}";

        var replaced = await simulator.SendAsync(HttpMethod.Put, path, new { label = "Done", displayOrder = 3, metadata = new { state = "CLOSED" } });
        var half = await simulator.SendAsync(HttpMethod.Put, path, new { label = "Half" });
        var odd = await simulator.SendAsync(HttpMethod.Put, path, new { label = "Odd", metadata = new { state = "AJAR" } });

        (replaced.Status, half.Status, odd.Status).ShouldBe((200, 400, 400));
        var stage = (await simulator.GetAsync(path)).Body;
        ((string)stage["label"]!, (string)stage["metadata"]!["state"]!).ShouldBe(("Done", "CLOSED"));
    }

    [Fact]
    public async Task The_audit_tells_newest_first_what_happened_to_a_pipeline_and_to_its_stages()
    {
        await using var simulator = await ASimulator.StartAsync();
        var made = await simulator.PostAsync(Orders, new { label = "Shop", displayOrder = 1, stages = new[] { Stage("orders", "Open"), Stage("orders", "Packed") } });
        var (path, open, packed) = ($"{Orders}/{made.Body["id"]}", (string)made.Body["stages"]![0]!["id"]!, (string)made.Body["stages"]![1]!["id"]!);
        simulator.Time.Advance(TimeSpan.FromMinutes(1));
        await simulator.SendAsync(HttpMethod.Patch, path, new { label = "Web shop" });
        await simulator.SendAsync(HttpMethod.Patch, path, new { label = "Web shop" });
        await simulator.SendAsync(HttpMethod.Patch, $"{path}/stages/{open}", new { label = "New" });
        await simulator.SendAsync(HttpMethod.Delete, $"{path}/stages/{packed}");
        var sent = (string)(await simulator.PostAsync($"{path}/stages", Stage("orders", "Sent"))).Body["id"]!;

        var audit = await simulator.GetAsync($"{path}/audit");
        var ofStage = await simulator.GetAsync($"{path}/stages/{open}/audit");

        var id = (string)made.Body["id"]!;
        audit.Results.Select(c => ((string)c["action"]!, (string)c["identifier"]!)).ShouldBe(
        [
            ("CREATE", sent), ("DELETE", packed), ("UPDATE", open), ("UPDATE", id), ("CREATE", packed), ("CREATE", open), ("CREATE", id),
        ]);
        audit.Results.Select(c => (string)c["timestamp"]!).Distinct().ShouldBe(["2026-11-23T09:01:00.000Z", "2026-11-23T09:00:00.000Z"]);
        ofStage.Results.Select(c => ((string)c["action"]!, (string)c["rawObject"]!["label"]!)).ShouldBe([("UPDATE", "New"), ("CREATE", "Open")]);
        ((long)ofStage.Results[0]["portalId"]!, (int)ofStage.Results[0]["fromUserId"]!).ShouldBe((12345678L, 1));
    }

    [Fact]
    public async Task An_account_begins_with_an_empty_audit_and_what_is_not_there_has_none()
    {
        await using var simulator = await ASimulator.StartAsync();

        var standard = await simulator.GetAsync("/crm/pipelines/2026-09/deals/default/audit");
        var unknown = await simulator.GetAsync($"{Orders}/17/audit");
        var unknownStage = await simulator.GetAsync("/crm/pipelines/2026-09/deals/default/stages/17/audit");

        (standard.Status, standard.Results.Count, unknown.Status, unknownStage.Status).ShouldBe((200, 0, 404, 404));
    }

    private static object Stage(string type, string label) => type == "deals"
        ? new { label, metadata = new { probability = "0.5" } }
        : new { label, metadata = new { state = "OPEN" } };
}
