using System.Text.Json.Nodes;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Errors;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpot.Tests;

public sealed class BatchWriterTests
{
    private static readonly Guid Subscription = new("aaaaaaaa-0000-0000-0000-000000000001");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_go_in_chunks_of_100_each_input_with_its_own_trace_id_and_come_back_matched_by_key()
    {
        var (writer, egress) = ScriptedEgress.Answering((_, body) => ScriptedEgress.Written(body));

        var outcomes = await writer.CreateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, true, Records(250), Stop);

        egress.Calls.Select(c => c.Body["inputs"]!.AsArray().Count).Order().ShouldBe([50, 100, 100]);
        egress.Calls.SelectMany(c => c.Body["inputs"]!.AsArray()).Select(i => (string)i!["objectWriteTraceId"]!).Distinct().Count().ShouldBe(250);
        outcomes.Select(o => o.Key).ShouldBe(Records(250).Select(r => r.Key));
        outcomes.ShouldAllBe(o => o.Id != null && o.Problem == null);

        // Answered in reverse order: the first input's record has the last id of its chunk.
        outcomes[0].Id.ShouldBe("1099");
        egress.Requests[0].Headers.GetValues(ServiceKeys.Header).Single().ShouldBe(ServiceKeys.Of("key", Subscription));
        egress.Requests[0].Headers.GetValues("X-HubSpotBus-Lane").Single().ShouldBe("live");
    }

    [Fact]
    public async Task An_answer_of_207_is_taken_apart_per_record()
    {
        var (writer, egress) = ScriptedEgress.Answering((_, body) =>
        {
            var (_, answer) = ScriptedEgress.Written(body);
            answer["results"]!.AsArray().RemoveAt(0);
            answer["errors"] = new JsonArray(new JsonObject
            {
                ["category"] = "VALIDATION_ERROR", ["message"] = "no", ["context"] = new JsonObject { ["objectWriteTraceId"] = new JsonArray("hub:3") },
            });
            return (207, answer);
        });

        var outcomes = await writer.CreateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, true, Records(3), Stop);

        outcomes.Select(o => o.Problem?.Message).ShouldBe([null, null, "no"]);
        egress.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_neither_results_nor_errors_mention_is_looked_up_by_key()
    {
        var (writer, egress) = ScriptedEgress.Answering((path, body) =>
        {
            if (path.EndsWith("read", StringComparison.Ordinal))
                return (207, new JsonObject { ["results"] = new JsonArray(new JsonObject { ["id"] = 9, ["properties"] = new JsonObject { ["hub_company_id"] = "HUB:2" } }) });
            var (_, answer) = ScriptedEgress.Written(body);
            answer["results"]!.AsArray().RemoveAt(0);
            answer["results"]!.AsArray().RemoveAt(0);
            return (201, answer);
        });

        var outcomes = await writer.CreateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, true, Records(3), Stop);

        egress.Calls.Count.ShouldBe(2);
        egress.Calls[1].Body["idProperty"]!.ToString().ShouldBe("hub_company_id");
        outcomes[1].Id.ShouldBe("9");
        outcomes[2].Problem!.Kind.ShouldBe(ProblemKind.Unaccounted);
    }

    [Fact]
    public async Task A_refused_whole_batch_first_loses_the_record_that_the_error_names()
    {
        var (writer, egress) = ScriptedEgress.Answering((_, body) => Bad(body, "bad@x") is { } bad
            ? (400, ScriptedEgress.Error($"Cannot set PropertyValueCoordinates{{portalId=1, objectTypeId=ObjectTypeId{{legacyObjectType=CONTACT}}, propertyName=email, value={bad}}} on 40. 6000 already has that value."))
            : ScriptedEgress.Written(body));

        var outcomes = await writer.UpdateAsync(Subscription, ObjectTypes.Contacts, KeyProperties.Customer,
            [.. Records(100).Select((r, i) => r with { Id = $"{i}", Properties = new Dictionary<string, string> { ["email"] = i == 40 ? "bad@x" : $"{i}@x" } })], Stop);

        egress.Calls.Count.ShouldBe(2);
        outcomes.Count(o => o.Id != null).ShouldBe(99);
        outcomes[40].Problem!.ExistingId.ShouldBe("6000");
    }

    [Theory]
    [InlineData(1, 21)]
    [InlineData(2, 35)]
    [InlineData(50, 200)]
    public async Task A_refused_batch_whose_error_names_nobody_is_bisected_until_all_good_ones_are_there_with_at_most_20_extra_calls_for_one_bad_one(
        int badOnes, int callsAtMost)
    {
        var bad = Enumerable.Range(0, badOnes).Select(i => $"hub:{(i * 2) + 1}").ToHashSet();
        var (writer, egress) = ScriptedEgress.Answering((_, body) =>
            body["inputs"]!.AsArray().Any(i => bad.Contains((string)i!["objectWriteTraceId"]!)) ? (400, ScriptedEgress.Error("Something is wrong")) : ScriptedEgress.Written(body));

        var outcomes = await writer.CreateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, true, Records(100), Stop);

        egress.Calls.Count.ShouldBeLessThanOrEqualTo(callsAtMost);
        outcomes.Where(o => o.Id is null).Select(o => (o.Key, o.Problem!.Kind)).ShouldBe(bad.Select(key => (key, ProblemKind.Rejected)), ignoreOrder: true);
    }

    [Fact]
    public async Task Where_HubSpot_accepts_none_a_batch_costs_no_more_than_20_extra_calls_and_what_is_left_then_is_for_another_time()
    {
        var (writer, egress) = ScriptedEgress.Answering((_, _) => (400, ScriptedEgress.Error("Something is wrong")));
        var left = Records(100);

        for (var time = 1; left.Count > 0; time++)
        {
            time.ShouldBeLessThanOrEqualTo(20);
            egress.Calls.Clear();
            var outcomes = await writer.CreateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, true, left, Stop);
            egress.Calls.Count.ShouldBeLessThanOrEqualTo(21);
            outcomes.Select(o => o.Key).ShouldBe(left.Select(r => r.Key));
            var together = outcomes.Where(o => o.Problem is { Kind: ProblemKind.RefusedTogether }).Select(o => o.Key).ToHashSet();
            together.Count.ShouldBeLessThan(left.Count);
            left = left.FindAll(r => together.Contains(r.Key));
        }
    }

    [Fact]
    public async Task An_update_that_an_answer_leaves_out_is_written_again_for_being_there_is_not_being_changed()
    {
        var (writer, egress) = ScriptedEgress.Answering((_, body) =>
        {
            var (_, answer) = ScriptedEgress.Written(body, 200);
            var left = answer["results"]!.AsArray().Where(r => (string?)r!["properties"]!["hub_company_id"] != "hub:2").Select(r => r!.DeepClone());
            answer["results"] = new JsonArray([.. left]);
            return (200, answer);
        });

        var outcomes = await writer.UpdateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, [.. Records(3).Select((r, i) => r with { Id = $"{i}" })], Stop);

        outcomes.Select(o => o.Problem?.Kind).ShouldBe([null, ProblemKind.Unaccounted, null]);
        egress.Calls.Select(c => (c.Path.Split('/')[^1], c.Body["inputs"]!.AsArray().Count)).ShouldBe([("update", 3), ("update", 1)]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public async Task Of_an_update_whose_errors_name_nobody_only_the_bad_ones_are_refused(int badOnes)
    {
        var bad = Enumerable.Range(1, badOnes).Select(n => $"hub:{2 * n}").ToHashSet();
        var (writer, egress) = ScriptedEgress.Answering((_, body) =>
        {
            var good = body["inputs"]!.AsArray().Where(i => !bad.Contains((string)i!["objectWriteTraceId"]!)).Select(i => (JsonNode)new JsonObject { ["id"] = i!["id"]!.DeepClone() }).ToArray();
            var errors = body["inputs"]!.AsArray().Count == good.Length ? [] : new JsonNode[] { ScriptedEgress.Error("Something is wrong") };
            return (207, new JsonObject { ["results"] = new JsonArray(good), ["errors"] = new JsonArray(errors) });
        });

        var outcomes = await writer.UpdateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, [.. Records(100).Select((r, i) => r with { Id = $"{i}" })], Stop);

        egress.Calls.Count.ShouldBeLessThanOrEqualTo(badOnes == 1 ? 21 : 100);
        outcomes.Where(o => o.Problem is null).Select(o => o.Key).ShouldBe(Records(100).Select(r => r.Key).Where(k => !bad.Contains(k)));
    }

    [Fact]
    public async Task A_property_that_the_account_lacks_refuses_all_without_a_further_call()
    {
        var (writer, egress) = ScriptedEgress.Answering((_, _) => (400, JsonNode.Parse(
            """{"message":"m","errors":[{"message":"Property \"name\" does not exist","code":"PROPERTY_DOESNT_EXIST","context":{"propertyName":["name"]}}]}""")!));

        var outcomes = await writer.CreateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, true, Records(100), Stop);

        egress.Calls.Count.ShouldBe(1);
        outcomes.ShouldAllBe(o => o.Problem!.Property == "name");
    }

    [Fact]
    public async Task A_create_whose_answer_is_lost_is_repeated_by_key_and_then_associated()
    {
        var (writer, egress) = ScriptedEgress.Answering((path, body) => path switch
        {
            _ when path.EndsWith("batch/create", StringComparison.Ordinal) && path.StartsWith("crm/objects", StringComparison.Ordinal) => (502, ScriptedEgress.Error("lost")),
            _ when path.StartsWith("crm/associations", StringComparison.Ordinal) => (201, new JsonObject()),
            _ => ScriptedEgress.Written(body, 200),
        });
        var order = new RecordWrite("hub:1", new Dictionary<string, string> { ["hs_order_name"] = "1" }, null,
            [new AssociationTo(ObjectTypes.Contacts, "5", [AssociationTypes.OrderToContact])]);

        var outcomes = await writer.CreateAsync(Subscription, ObjectTypes.Orders, KeyProperties.Transaction, true, [order], Stop);

        egress.Calls.Select(c => c.Path).ShouldBe(
            ["crm/objects/orders/batch/create", "crm/objects/orders/batch/upsert", "crm/associations/orders/contacts/batch/create"]);
        egress.Calls[1].Body["inputs"]![0]!["id"]!.ToString().ShouldBe("hub:1");
        egress.Calls[1].Body["inputs"]![0]!["idProperty"]!.ToString().ShouldBe("hub_transaction_id");
        outcomes.Single().Id.ShouldBe("1000");
    }

    [Theory]
    [InlineData("create", new[] { 100, 50, 25, 25, 50, 25, 25 })]
    [InlineData("update", new[] { 100, 50, 25, 25, 50, 25, 25 })]
    [InlineData("upsert", new[] { 100, 50, 25, 25, 50, 25, 25 })]
    public async Task A_batch_over_which_HubSpot_thinks_for_too_long_is_halved_until_it_answers(string operation, int[] sizes)
    {
        var (writer, egress) = ScriptedEgress.Answering((_, body) =>
            body["inputs"]!.AsArray().Count > 30 ? (524, new JsonObject()) : ScriptedEgress.Written(body, 200));

        var outcomes = operation switch
        {
            "create" => await writer.CreateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, true, Records(100), Stop),
            "update" => await writer.UpdateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, [.. Records(100).Select((r, i) => r with { Id = $"{i}" })], Stop),
            _ => await writer.UpsertAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, Records(100), Stop),
        };

        outcomes.Select(o => (o.Key, o.Problem)).ShouldBe(Records(100).Select(r => (r.Key, (HubSpotProblem?)null)));
        egress.Calls.Select(c => c.Body["inputs"]!.AsArray().Count).ShouldBe(sizes);
        egress.Calls.Skip(1).ShouldAllBe(c => c.Path.EndsWith(operation == "update" ? "update" : "upsert", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_record_over_which_HubSpot_thinks_for_too_long_is_for_another_time()
    {
        var (writer, egress) = ScriptedEgress.Answering((_, _) => (524, new JsonObject()));

        (await Should.ThrowAsync<HubSpotUnavailableException>(() =>
            writer.UpsertAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, Records(2), Stop))).TookTooLong.ShouldBeTrue();
        egress.Calls.Select(c => c.Body["inputs"]!.AsArray().Count).ShouldBe([2, 1]);
    }

    [Fact]
    public async Task Limits_and_connection_and_scopes_are_named_exceptions_and_never_bisected()
    {
        (await FailAsync<HubSpotThrottledException>(429, null)).RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        (await FailAsync<HubSpotConnectionException>(503, "paused")).MayBeTriedAgain.ShouldBeTrue();
        await FailAsync<HubSpotThrottledException>(401, null);
        await FailAsync<HubSpotUnavailableException>(502, "unanswered");
        (await FailAsync<HubSpotMissingScopeException>(403, null)).Scopes.ShouldBe(["crm.objects.companies.write"]);
    }

    [Fact]
    public async Task A_refusal_says_what_HubSpot_surely_has_not_and_what_the_calls_beside_it_wrote()
    {
        var (writer, egress) = ScriptedEgress.Answering((_, body) =>
            body["inputs"]!.AsArray().Count == 100 ? ScriptedEgress.Written(body) : (429, new JsonObject { ["message"] = "later" }));
        var hundredCame = new TaskCompletionSource();
        egress.Until = body =>
        {
            if (body["inputs"]!.AsArray().Count == 100)
                hundredCame.SetResult();
            return hundredCame.Task.WaitAsync(Stop);
        };

        var refusal = await Should.ThrowAsync<HubSpotThrottledException>(() =>
            writer.CreateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, true, Records(150), Stop));

        refusal.Untouched.Order().ShouldBe(Records(150)[100..].Select(r => r.Key).Order());
        refusal.Written.Keys.Order().ShouldBe(Records(100).Select(r => r.Key).Order());
        var unknown = await Should.ThrowAsync<HubSpotUnavailableException>(() => UnansweredAsync());
        unknown.Untouched.ShouldBeEmpty();

        static Task UnansweredAsync()
        {
            var (lost, _) = ScriptedEgress.Answering((_, _) => (502, new JsonObject { ["message"] = "lost" }));
            return lost.CreateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, true, Records(50), Stop);
        }
    }

    [Fact]
    public async Task Two_records_with_one_key_are_refused_before_HubSpot_is_asked()
    {
        var (writer, egress) = ScriptedEgress.Answering((_, body) => ScriptedEgress.Written(body));

        await Should.ThrowAsync<ArgumentException>(() =>
            writer.CreateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, true, [.. Records(1), .. Records(1)], Stop));
        egress.Calls.ShouldBeEmpty();
    }

    private static async Task<TException> FailAsync<TException>(int status, string? egressHeader)
        where TException : Exception
    {
        var (writer, egress) = ScriptedEgress.Answering((_, _) => (status, JsonNode.Parse(
            """{"message":"m","context":{"requiredGranularScopes":["crm.objects.companies.write"]}}""")!));
        egress.EgressHeader = egressHeader;
        var failure = await Should.ThrowAsync<TException>(() =>
            writer.UpdateAsync(Subscription, ObjectTypes.Companies, KeyProperties.Company, Records(100), Stop));
        egress.Calls.Count.ShouldBe(1);
        return failure;
    }

    private static string? Bad(JsonObject body, string value) =>
        body["inputs"]!.AsArray().Select(i => (string?)i!["properties"]!["email"]).FirstOrDefault(e => e == value);

    private static List<RecordWrite> Records(int count) =>
        [.. Enumerable.Range(1, count).Select(n => new RecordWrite($"hub:{n}", new Dictionary<string, string> { ["name"] = $"Record {n}" }))];
}
