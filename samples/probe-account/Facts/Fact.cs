namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>
/// A question that the documentation leaves open. <c>Point</c> is the number in the list of what is not verified, <c>Assumed</c> what
/// HubSpotBus and its simulator go by, in the words in which <c>AskAsync</c> tells what it found.
/// </summary>
internal sealed record Fact(int Point, string Question, string Assumed, Func<ProbedAccount, Task<Finding>> AskAsync)
{
    /// <summary>A question that a static token cannot answer, whatever the account.</summary>
    public static Fact NotAskable(int point, string question, string why) =>
        new(point, question, "", _ => Task.FromResult(Finding.NotAskable(why)));
}

/// <summary><c>Found</c> is compared with what was assumed, <c>Detail</c> is for the reader.</summary>
internal sealed record Finding(string Found, string Detail = "")
{
    public bool IsAskable { get; private init; } = true;

    public static Finding Of(Answer answer) => new(answer.Said, answer.IsSuccess ? "" : answer.Telling);

    public static Finding NotAskable(string why) => new(why) { IsAskable = false };
}
