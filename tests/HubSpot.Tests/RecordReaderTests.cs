using System.Text.Json.Nodes;
using HubSpotBus.HubSpot.Batches;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpot.Tests;

public sealed class RecordReaderTests
{
    private static readonly Guid Subscription = new("aaaaaaaa-0000-0000-0000-000000000001");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_search_is_cut_so_that_no_body_is_longer_than_the_3000_characters_that_HubSpot_reads()
    {
        var (reader, egress) = ScriptedEgress.Answering<RecordReader>((_, body) => (200, new JsonObject { ["results"] = new JsonArray() }));
        var skus = Enumerable.Range(1, 150).Select(n => $"sku-{n:d3}-{new string('\u00e9', 40)}").ToList();

        await reader.SearchAsync(Subscription, ObjectTypes.Products, "hs_sku", skus, Stop);

        egress.Texts.ShouldAllBe(text => text.Length <= 3000);
        egress.Calls.SelectMany(c => c.Body["filterGroups"]![0]!["filters"]![0]!["values"]!.AsArray()).Select(v => (string)v!).ShouldBe(skus);
    }
}
