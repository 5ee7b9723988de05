using HubSpotBus.Auth.Egress.Limits;

namespace HubSpotBus.Auth.Egress;

/// <summary>
/// Hands out the permits of all subscriptions of this process, so that lines which share HubSpot's account limit take turns. What it has
/// to hand out is this replica's share of the limits; <see cref="ShareLimits"/> asks for more. One lock, never held while anything is
/// awaited.
/// </summary>
public sealed class Throttle(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<CallLine> _turns = new();
    private readonly HashSet<CallLine> _lines = [];
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when somebody waits, or has become active.</summary>
    public Task AskedAsync
    {
        get
        {
            lock (_gate)
            {
                return _asked.Task;
            }
        }
    }

    /// <summary>Something is waited for or held.</summary>
    public bool IsActive
    {
        get
        {
            lock (_gate)
            {
                return _lines.Count > 0;
            }
        }
    }

    /// <summary>Waits for room within the line's limits. Past the patience, or when it cannot be in time: <see cref="CallThrottledException"/>.</summary>
    public async Task<Permit> EnterAsync(CallLine line, Lane lane, bool search, TimeSpan patience, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        WaitingCall call;
        lock (_gate)
        {
            if (line.Account.ClosedFor(Now) is var closed && closed > patience)
            {
                throw CallThrottledException.Closed(closed);
            }

            call = new WaitingCall(lane, search, Now);
            line.Add(call);
            if (!_turns.Contains(line))
            {
                _turns.Enqueue(line);
            }

            var isNew = _lines.Add(line);
            HandOut();
            if (isNew || !call.Permit.IsCompleted)
            {
                _asked.TrySetResult();
            }
        }

        if (call.Permit.IsCompleted)
        {
            return await call.Permit;
        }

        using var patient = new CancellationTokenSource(patience, time);
        await using var leaving = cancellation.Register(() => Leave(line, call, () => call.Cancel(cancellation)));
        await using var tired = patient.Token.Register(() => Leave(line, call, () => call.GiveUp(Backlog(line))));
        return await call.Permit;
    }

    /// <summary>Changes limits or windows; who waits is looked at again.</summary>
    public void Change(Action<TimeSpan> change)
    {
        lock (_gate)
        {
            change(Now);
            HandOut();
            _asked.TrySetResult();
        }
    }

    public ThrottleReading Read(CallLine line)
    {
        lock (_gate)
        {
            return new ThrottleReading
            {
                Limit = line.Own.Calls,
                Seconds = (int)line.Own.Length.TotalSeconds,
                Open = line.Open,
                MostAtOnce = line.Own.AtOnce ?? int.MaxValue,
                Waiting = line.Waiting,
                OldestWaitingSeconds = line.OldestSince is { } since ? (Now - since).TotalSeconds : 0,
            };
        }
    }

    public void Answered(LimitShare[] limits)
    {
        lock (_gate)
        {
            Array.ForEach(limits, limit => limit.Answered(Now));
            HandOut();
            if (_turns.Count > 0)
            {
                _asked.TrySetResult();
            }
        }
    }

    public void GivenBack(LimitShare[] limits)
    {
        lock (_gate)
        {
            Array.ForEach(limits, limit => limit.GiveBack());
            HandOut();
        }
    }

    /// <summary>What this replica has to tell and to ask of the limits now; what is to be given back is so from here on.</summary>
    public Asking Ask()
    {
        lock (_gate)
        {
            var now = Now;
            _asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            HandOut();
            var limits = _lines.SelectMany(line => line.Limits).ToHashSet();
            foreach (var limit in limits)
            {
                limit.Wishes = default;
            }

            foreach (var line in _lines)
            {
                line.Wish(now);
            }

            var claims = limits.Where(limit => limit.IsDue(now)).Select(limit => (limit, limit.Claim(now))).ToList();
            _lines.RemoveWhere(line => line.Waiting == 0 && line.Limits.All(limit => limit.IsIdle));
            return new Asking(now, claims);
        }
    }

    /// <summary>Takes the answers to what was asked.</summary>
    public void Take(Asking asked, IReadOnlyDictionary<string, Allotment> allotments)
    {
        lock (_gate)
        {
            foreach (var (limit, claim) in asked.Claims)
            {
                limit.Allot(claim, allotments[limit.Key], asked.At, Now);
            }

            HandOut();
        }
    }

    private TimeSpan Now => time.GetElapsedTime(0);

    private void Leave(CallLine line, WaitingCall call, Action say)
    {
        lock (_gate)
        {
            if (line.Remove(call))
            {
                say();
            }
        }
    }

    // Lines take turns, one call each, until none may go; one whose callers wait elsewhere, too, leaves some of its turns out.
    private void HandOut()
    {
        var now = Now;
        for (var stuck = 0; stuck < _turns.Count;)
        {
            var line = _turns.Dequeue();
            stuck = line.CanGo(now) ? 0 : stuck + 1;
            if (stuck == 0 && line.Next(now) is { } call)
            {
                call.Grant(new Permit(this, call.Limits));
            }

            if (line.Waiting > 0)
            {
                _turns.Enqueue(line);
            }
            else
            {
                stuck = 0;
            }
        }
    }

    // How long those who wait now will take, at the pace of the subscription's own limit.
    private static TimeSpan Backlog(CallLine line) =>
        TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling((line.Waiting + 1) * line.Own.Length.TotalSeconds / line.Own.Calls), 1, 60));
}

/// <summary>The claims of a moment.</summary>
public sealed record Asking(TimeSpan At, IReadOnlyList<(LimitShare Limit, Claim Claim)> Claims);
