using HubSpotBus.Mappings.Schema;

namespace HubSpotBus.Mappings.Collections;

/// <summary>
/// Which stage a status means, by default. Stages are named by label, and behind the labels by what they mean, which an account in
/// another language or with stages of its own has as well.
/// </summary>
internal static class Stages
{
    /// <summary>The first stage that is not closed.</summary>
    public const string Open = "#open";

    /// <summary>The first closed stage.</summary>
    public const string Closed = "#closed";

    /// <summary>The last closed stage: where pipelines keep what came to nothing.</summary>
    public const string LastClosed = "#lastClosed";

    /// <summary>The first closed stage of probability 1.</summary>
    public const string Won = "#won";

    /// <summary>The first closed stage of probability 0.</summary>
    public const string Lost = "#lost";

    private static readonly string[] Processing = ["Processed", "Processing", "In progress"];
    private static readonly string[] Shipped = ["Shipped", "Fulfilled", "Delivered"];
    private static readonly string[] Done = ["Delivered", "Completed", "Closed", "Fulfilled", "Shipped", Closed];
    private static readonly string[] Cancelled = ["Cancelled", "Canceled", LastClosed];
    private static readonly string[] Refunded = ["Refunded", .. Cancelled];
    private static readonly string[] Returned = ["Returned", .. Refunded];
    private static readonly string[] DealWon = ["closedwon", "Closed Won", Won];
    private static readonly string[] DealLost = ["closedlost", "Closed Lost", Lost];

    private static readonly string[] Finished = ["Closed", "Complete", "Completed", "Delivered", "Fulfilled", "Shipped"];
    private static readonly string[] CameToNothing =
        ["Cancelled", "Canceled", "Declined", "Expired", "Failed", "Rejected", "Voided"];
    private static readonly string[] BackTypes = ["CreditMemo", "Refund", "Return"];

    /// <summary>True when a transaction was called off or paid back, whole or in part.</summary>
    public static bool TakenBack(string? status) =>
        CameToNothing.Concat(["Partially refunded", "Refunded", "Returned"]).Any(s => Same(s, status?.Trim() ?? ""));

    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> OfOrders = Table(
    [
        .. new[] { "Paid", "Processing" }.Select(s => (s, Processing)),
        ("Partially shipped", Processing),
        ("Partially refunded", Done),
        .. Finished.Select(s => (s, s is "Shipped" or "Fulfilled" ? Shipped : Done)),
        .. CameToNothing.Select(s => (s, Cancelled)),
        ("Refunded", Refunded),
        ("Returned", Returned),
        .. BackTypes.Select(t => ($"{t}/*", Returned)),
        .. BackTypes.SelectMany(t => CameToNothing.Select(s => ($"{t}/{s}", Cancelled))),
    ]);

    // What comes back is a deal of a negative amount: among the won ones it lowers what was won.
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> OfDeals = Table(
    [
        .. Finished.Append("Accepted").Append("Paid").Append("Partially refunded").Select(s => (s, DealWon)),
        .. CameToNothing.Append("Refunded").Append("Returned").Select(s => (s, DealLost)),
        .. BackTypes.Select(t => ($"{t}/*", DealWon)),
        .. BackTypes.SelectMany(t => CameToNothing.Select(s => ($"{t}/{s}", DealLost))),
    ]);

    /// <summary>The stage of that meaning, id or label.</summary>
    public static PipelineStage? Find(List<PipelineStage> stages, string name) => name switch
    {
        Open => stages.Find(s => !s.Closed),
        Closed => stages.Find(s => s.Closed),
        LastClosed => stages.FindLast(s => s.Closed),
        Won => stages.Find(s => s is { Closed: true, Probability: 1 }),
        Lost => stages.Find(s => s is { Closed: true, Probability: 0 }),
        _ => stages.Find(s => Same(s.Id, name)) ?? stages.Find(s => Same(s.Label, name)),
    };

    private static SortedDictionary<string, IReadOnlyList<string>> Table(IEnumerable<(string Status, string[] Wanted)> entries)
    {
        var table = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (status, wanted) in entries)
            table.Add(status, wanted);
        return table;
    }

    /// <summary>The same word, however a source writes it: "Partially refunded" is "partially_refunded".</summary>
    public static bool Same(string a, string b) => Plain(a).Equals(Plain(b), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string text) => string.Concat(text.Where(c => c is not (' ' or '_' or '-')));
}
