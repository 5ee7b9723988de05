namespace HubSpotBus.HubSpotSimulator.Limits;

/// <summary>How long each call takes at least; settable while running.</summary>
internal sealed class Latency(SimulatorOptions options)
{
    public int Milliseconds { get; set; } = options.LatencyMilliseconds;
}
