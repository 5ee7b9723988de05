using HubSpotBus.Auth.Egress.Limits;

namespace HubSpotBus.Auth.Egress;

/// <summary>A call in line for its permit.</summary>
public sealed class WaitingCall(Lane lane, bool search, TimeSpan since)
{
    private readonly TaskCompletionSource<Permit> _permit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Lane Lane { get; } = lane;

    public bool Search { get; } = search;

    public TimeSpan Since { get; } = since;

    public LinkedListNode<WaitingCall>? Place { get; set; }

    public LimitShare[] Limits { get; set; } = [];

    public Task<Permit> Permit => _permit.Task;

    public void Grant(Permit permit) => _permit.SetResult(permit);

    public void GiveUp(TimeSpan retryAfter) => _permit.SetException(new CallThrottledException(retryAfter));

    public void Cancel(CancellationToken cancellation) => _permit.SetCanceled(cancellation);
}
