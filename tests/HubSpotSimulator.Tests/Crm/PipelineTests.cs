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

    private static object Stage(string type, string label) => type == "deals"
        ? new { label, metadata = new { probability = "0.5" } }
        : new { label, metadata = new { state = "OPEN" } };
}
