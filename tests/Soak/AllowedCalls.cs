namespace HubSpotBus.Soak;

/// <summary>
/// How many calls the limits allow: each goes at the first moment that every window and every pause leaves it, which no schedule beats.
/// </summary>
internal static class AllowedCalls
{
    /// <summary>The moments of all calls until the end.</summary>
    /// <param name="before">Calls that were made before the start and still count, in order.</param>
    /// <param name="start">The first call goes no earlier.</param>
    /// <param name="end">The last call goes before.</param>
    /// <param name="windows">Calls within any stretch of a length.</param>
    /// <param name="pauses">When HubSpot wanted to be left alone, by its 429s.</param>
    public static IReadOnlyList<DateTimeOffset> Until(
        IReadOnlyList<DateTimeOffset> before, DateTimeOffset start, DateTimeOffset end, IReadOnlyList<(int Calls, TimeSpan Length)> windows,
        IReadOnlyList<(DateTimeOffset From, DateTimeOffset Until)> pauses)
    {
        var calls = before.ToList();
        while (true)
        {
            var at = start;
            foreach (var (most, length) in windows)
            {
                if (calls.Count >= most && calls[^most] + length is var free && free > at)
                    at = free;
            }

            foreach (var (from, until) in pauses.OrderBy(p => p.From))
            {
                if (at >= from && at < until)
                    at = until;
            }

            if (at >= end)
                return calls[before.Count..];
            calls.Add(at);
        }
    }
}
