using HubSpotBus.Contracts.Records;

namespace HubSpotBus.Mappings.Collections;

public static class Problems
{
    private const int Longest = 100;

    public static Problem Of(string field, string? value, string message) =>
        new() { Field = field, Value = value is null ? null : Shown(value), Message = message };

    /// <summary>A value as a message shows it.</summary>
    public static string Shown(string value) => value.Length <= Longest ? value : value[..Longest] + "...";
}
