namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>Point 6: what HubSpot says when it asks for patience. Never provoked; told when it happened on the way.</summary>
internal static class Patience
{
    public static readonly IReadOnlyList<Fact> Facts =
    [
        new(6, "Retry-After of a 429", "none", account => Task.FromResult(RetryAfter(account, 429))),
        new(6, "Retry-After of a 423", "none", account => Task.FromResult(RetryAfter(account, 423))),
    ];

    private static Finding RetryAfter(ProbedAccount account, int status) => account.Refusals.TryGetValue(status, out var answer)
        ? new(answer.Header("Retry-After") is { } seconds ? $"{seconds} s" : "none", answer.Text.ReplaceLineEndings(" "))
        : Finding.NotAskable($"no call was answered {status}, and the probe keeps within the limits on purpose");
}
