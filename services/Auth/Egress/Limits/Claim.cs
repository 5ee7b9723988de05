namespace HubSpotBus.Auth.Egress.Limits;

/// <summary>What one replica tells of its share of a limit, and what it asks for.</summary>
public sealed record Claim
{
    /// <summary>The limit.</summary>
    public required string Key { get; init; }

    /// <summary>Calls within any stretch of <see cref="Length"/>.</summary>
    public required int Calls { get; init; }

    public required TimeSpan Length { get; init; }

    /// <summary>Calls at one moment; null where that is not limited.</summary>
    public required int? AtOnce { get; init; }

    /// <summary>Calls under way; each holds a permit of the window.</summary>
    public required int Open { get; init; }

    /// <summary>Permits in hand that no call uses yet.</summary>
    public required int Unused { get; init; }

    /// <summary>Calls answered since the last claim that was heard.</summary>
    public required int Answered { get; init; }

    /// <summary>How long ago the last of them was answered.</summary>
    public required TimeSpan AnsweredAgo { get; init; }

    /// <summary>Permits wished for beyond those in hand.</summary>
    public required int Wants { get; init; }

    /// <summary>Calls that may be under way at one moment on this replica, as it was told last.</summary>
    public required int MayOpen { get; init; }

    /// <summary>Calls that would be under way at one moment if all who wait could go.</summary>
    public required int WantsOpen { get; init; }

    /// <summary>Those who wait, by lane; the other replicas hear of them.</summary>
    public required Waiters Waiting { get; init; }

    /// <summary>The subscriptions whose callers wait: of each the part that waits on this replica. What is scarce is divided by it.</summary>
    public required double Lines { get; init; }

    /// <summary>How urgent the most urgent of those who wait is: its wait in seconds times its lane's share. Decides about indivisible connections.</summary>
    public required double Urgency { get; init; }

    /// <summary>HubSpot asked to be left alone for so long.</summary>
    public TimeSpan? Closed { get; init; }

    /// <summary>What HubSpot says is left of its window.</summary>
    public int? Remaining { get; init; }
}

/// <summary>What a replica gets on its claim.</summary>
/// <param name="Permits">Permits of the window beyond those in hand.</param>
/// <param name="MayOpen">Calls that may be under way at one moment on this replica.</param>
/// <param name="AskAgainIn">When asking again may bring what was not to be had now; zero when everything was.</param>
/// <param name="ClosedFor">How long the limit stays closed.</param>
/// <param name="Used">Permits of the window in use on all replicas.</param>
/// <param name="Elsewhere">Those who wait on the other replicas.</param>
/// <param name="By">The limit by which this was divided.</param>
public readonly record struct Allotment(
    int Permits, int MayOpen, TimeSpan AskAgainIn, TimeSpan ClosedFor, int Used, Waiters Elsewhere, (int Calls, TimeSpan Length, int? AtOnce) By);

/// <summary>Those who wait, by lane.</summary>
public readonly record struct Waiters(int Token, int Live, int Retry, int Backfill)
{
    public static Waiters operator +(Waiters one, Waiters other) =>
        new(one.Token + other.Token, one.Live + other.Live, one.Retry + other.Retry, one.Backfill + other.Backfill);

    public int In(Lane lane) => lane switch { Lane.Live => Live, Lane.Retry => Retry, Lane.Backfill => Backfill, _ => Token };

    /// <summary>The part of a lane's share that falls to so many of its callers, with others elsewhere.</summary>
    public static double Share(Lane lane, int here, int elsewhere) => here == 0 ? 0 : CallLine.Weight(lane) * (double)here / (here + elsewhere);
}
