namespace HubSpotBus.Auth.Egress;

/// <summary>Leave to make one call. Disposed when the call is answered: from then on its place in the windows begins to lapse.</summary>
public sealed class Permit(Throttle throttle, CallLine line, SlidingWindow[] windows) : IDisposable
{
    private bool _answered;

    public void Dispose()
    {
        if (!_answered)
        {
            _answered = true;
            throttle.Answered(line, windows);
        }
    }
}
