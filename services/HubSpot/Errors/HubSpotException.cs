namespace HubSpotBus.HubSpot.Errors;

/// <summary>HubSpot, or the egress in front of it, did not do what was asked. The text says what to do next.</summary>
public abstract class HubSpotException(string message, TimeSpan? retryAfter = null, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>True when the same call may succeed later without anybody changing the record.</summary>
    public abstract bool MayBeTriedAgain { get; }

    /// <summary>True when trying again may help without anybody doing anything.</summary>
    public virtual bool PassesByItself => false;

    /// <summary>How long to wait, where HubSpot or the egress said so.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Keys of records that a create was to write and surely did not: it was refused before HubSpot did anything, or never sent.</summary>
    public IReadOnlySet<string> Untouched { get; internal set; } = new HashSet<string>();

    /// <summary>HubSpot ids by the keys of records that were written all the same, by calls beside the one that failed.</summary>
    public IReadOnlyDictionary<string, string> Written { get; internal set; } = new Dictionary<string, string>();
}

/// <summary>There is no room for the call now: it was not made.</summary>
public sealed class HubSpotThrottledException(string reason, TimeSpan? retryAfter = null) : HubSpotException(reason, retryAfter)
{
    /// <summary>The throttle or HubSpot's limits leave none.</summary>
    public HubSpotThrottledException(TimeSpan? retryAfter)
        : this("HubSpot's or the subscription's call limit leaves no room now; the step is tried again later.", retryAfter)
    {
    }

    /// <inheritdoc />
    public override bool MayBeTriedAgain => true;

    /// <inheritdoc />
    public override bool PassesByItself => true;
}

/// <summary>HubSpot did not answer, or not whole. Whether a write happened is unknown; it is repeated by its key.</summary>
public sealed class HubSpotUnavailableException(string reason, TimeSpan? retryAfter = null, Exception? cause = null)
    : HubSpotException($"HubSpot could not be reached ({reason}); the step is tried again later.", retryAfter, cause)
{
    /// <summary>True when HubSpot thought for longer than it allows itself: of a smaller batch it may have done with in time.</summary>
    public bool TookTooLong { get; init; }

    /// <inheritdoc />
    public override bool MayBeTriedAgain => true;

    /// <inheritdoc />
    public override bool PassesByItself => true;
}

/// <summary>The connection does not work: paused, revoked, or not made yet.</summary>
public sealed class HubSpotConnectionException(string reason, TimeSpan? retryAfter = null)
    : HubSpotException($"The connection to HubSpot does not work: {reason}{(retryAfter is null ? " Connect the subscription again." : "")}", retryAfter)
{
    /// <inheritdoc />
    public override bool MayBeTriedAgain => true;

    /// <summary>True where it is said how long it lasts, as while the account is being moved.</summary>
    public override bool PassesByItself => RetryAfter is not null;
}

/// <summary>The connection may not do this.</summary>
public sealed class HubSpotMissingScopeException(IReadOnlyList<string> scopes)
    : HubSpotException($"The connection lacks the scope {string.Join(", ", scopes)}. Add it to the HubSpot app and connect again.")
{
    /// <inheritdoc />
    public override bool MayBeTriedAgain => true;

    /// <summary>One or more of these are needed.</summary>
    public IReadOnlyList<string> Scopes => scopes;
}

/// <summary>HubSpot refused what was asked; the same again would be refused again.</summary>
public sealed class HubSpotRejectedException(HubSpotProblem problem) : HubSpotException(problem.PlainWords)
{
    /// <inheritdoc />
    public override bool MayBeTriedAgain => false;

    /// <summary>Why.</summary>
    public HubSpotProblem Problem => problem;
}
