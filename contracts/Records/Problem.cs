namespace HubSpotBus.Contracts.Records;

/// <summary>Why a record could not be transferred, in words that a person can act on.</summary>
public sealed record Problem
{
    /// <summary>What is wrong and what to do about it.</summary>
    public required string Message { get; init; }

    /// <summary>The field or HubSpot property concerned, where one is.</summary>
    public string? Field { get; init; }

    /// <summary>The value refused, where there is one.</summary>
    public string? Value { get; init; }

    /// <summary>True when nobody has to act: the record is postponed, not parked.</summary>
    public bool Passing { get; init; }
}
