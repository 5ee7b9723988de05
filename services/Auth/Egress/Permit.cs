using HubSpotBus.Auth.Egress.Limits;

namespace HubSpotBus.Auth.Egress;

/// <summary>Leave to make one call. Disposed when the call is answered: from then on its place in the limits begins to lapse.</summary>
public sealed class Permit(Throttle throttle, LimitShare[] limits) : IDisposable
{
    private bool _answered;

    public void Dispose()
    {
        if (!_answered)
        {
            _answered = true;
            throttle.Answered(limits);
        }
    }

    /// <summary>The call is not made after all: its place is the next one's.</summary>
    public void GiveBack()
    {
        if (!_answered)
        {
            _answered = true;
            throttle.GivenBack(limits);
        }
    }
}
