namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>Point 1: does a batch update write the good inputs when one is bad, and what do trace ids change?</summary>
internal static class BatchUpdate
{
    public static readonly IReadOnlyList<Fact> Facts =
    [
        new(1, "batch update without trace ids, one value wrong", "400 VALIDATION_ERROR, the good one not written",
            account => OneWrongAsync(account, traced: false)),
        new(1, "the same, each input with its own objectWriteTraceId", "207, the good one written",
            account => OneWrongAsync(account, traced: true)),
        new(1, "batch update with trace ids: who carries them back", "result: yes, error: yes", TraceIdsAsync),
        new(1, "batch update without trace ids, one id unknown", "404 OBJECT_NOT_FOUND, the good one not written", UnknownIdAsync),
        new(1, "batch update, the same id twice", "400 VALIDATION_ERROR", SameTwiceAsync),
    ];

    private static async Task<Finding> OneWrongAsync(ProbedAccount account, bool traced)
    {
        var good = await account.MakeAsync(ObjectType.Companies);
        var answer = await UpdateAsync(account, traced, good, await account.MakeAsync(ObjectType.Companies), "not a number");
        return new($"{answer.Said}, {await WrittenAsync(account, good)}", answer.Telling);
    }

    private static async Task<Finding> TraceIdsAsync(ProbedAccount account)
    {
        var (good, bad) = (await account.MakeAsync(ObjectType.Companies), await account.MakeAsync(ObjectType.Companies));
        var answer = await UpdateAsync(account, true, good, bad, "not a number");
        var result = answer.Results.Any(r => Answer.TextOf(r["objectWriteTraceId"]) == "good");
        var error = answer.Errors.Any(e => e["context"]?["objectWriteTraceId"]?.ToJsonString() is """["bad"]""" or "\"bad\"");
        return new($"result: {(result ? "yes" : "no")}, error: {(error ? "yes" : "no")}", answer.Said);
    }

    private static async Task<Finding> UnknownIdAsync(ProbedAccount account)
    {
        var good = await account.MakeAsync(ObjectType.Companies);
        var answer = await UpdateAsync(account, false, good, await account.UnknownIdAsync(ObjectType.Companies), "2");
        return new($"{answer.Said}, {await WrittenAsync(account, good)}", answer.Telling);
    }

    private static async Task<Finding> SameTwiceAsync(ProbedAccount account)
    {
        var id = await account.MakeAsync(ObjectType.Companies);
        return Finding.Of(await UpdateAsync(account, true, id, id, "2"));
    }

    /// <summary>One good input and a second one, whose number of employees is given.</summary>
    private static Task<Answer> UpdateAsync(ProbedAccount account, bool traced, string good, string other, string employees) =>
        account.PostAsync(HubSpotApi.Objects(ObjectType.Companies, "/batch/update"), new
        {
            inputs = new[] { Input(good, "1", traced ? "good" : null), Input(other, employees, traced ? "bad" : null) },
        });

    private static Dictionary<string, object> Input(string id, string employees, string? traceId)
    {
        var input = new Dictionary<string, object>
        {
            ["id"] = id,
            ["properties"] = new Dictionary<string, string> { ["numberofemployees"] = employees },
        };
        if (traceId is not null)
            input["objectWriteTraceId"] = traceId;
        return input;
    }

    private static async Task<string> WrittenAsync(ProbedAccount account, string id)
    {
        var read = HubSpotApi.Needed(
            await account.GetAsync(HubSpotApi.Objects(ObjectType.Companies, $"/{id}?properties=numberofemployees")), "read a company");
        return Answer.Property(read.Body, "numberofemployees") == "1" ? "the good one written" : "the good one not written";
    }
}
