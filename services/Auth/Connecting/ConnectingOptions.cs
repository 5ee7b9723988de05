using System.ComponentModel.DataAnnotations;

namespace HubSpotBus.Auth.Connecting;

public sealed class ConnectingOptions
{
    public const string Section = "Connecting";

    /// <summary>How often a step is tried before connecting fails.</summary>
    [Range(1, 20)]
    public int StepTries { get; set; } = 5;

    /// <summary>Pause before the second try; with 5 s the following are 20, 45 and 80 s.</summary>
    [Range(0, 600)]
    public double StepPauseSeconds { get; set; } = 5;

    public TimeSpan PauseAfter(int tries) => TimeSpan.FromSeconds(StepPauseSeconds * tries * tries);
}
