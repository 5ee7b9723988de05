namespace HubSpotBus.HubSpot;

/// <summary>
/// HubSpot keeps the write that it carries out last, also when that is an older one which it had given no answer to. This notes, until it is
/// disposed, whether such a write of the current flow may still come: one without an answer, or one that the egress made again because an
/// earlier attempt had none.
/// </summary>
public sealed class LateWrites : IDisposable
{
    private static readonly AsyncLocal<LateWrites?> Current = new();

    private readonly LateWrites? _before = Current.Value;

    /// <summary>Begins to note.</summary>
    public LateWrites() => Current.Value = this;

    /// <summary>True from the first such write on.</summary>
    public bool MayCome { get; private set; }

    /// <summary>Waits until a write that was sent at that time at the latest must be over; not at all without one.</summary>
    /// <param name="sent">When it was sent.</param>
    /// <param name="settleTime"><see cref="Links.LinkOptions.SettleTime"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task UntilOverAsync(DateTimeOffset? sent, TimeSpan settleTime, TimeProvider time, CancellationToken cancellationToken)
    {
        if (sent + settleTime - time.GetUtcNow() is { } wait && wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
    }

    /// <summary>Puts back what was in force before.</summary>
    public void Dispose() => Current.Value = _before;

    internal static void Note()
    {
        if (Current.Value is { } late)
            late.MayCome = true;
    }
}
