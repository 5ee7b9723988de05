using HubSpotBus.Contracts.Records;

namespace HubSpotBus.HubSpot.Errors;

/// <summary>What kind of refusal it is.</summary>
public enum ProblemKind
{
    /// <summary>A value or the record is not allowed.</summary>
    Rejected,

    /// <summary>Another record has the unique value already.</summary>
    Conflict,

    /// <summary>The record is not there (any more).</summary>
    NotFound,

    /// <summary>A record that it refers to, such as the contact of an order, is not there any more.</summary>
    DeadReference,

    /// <summary>Several records in HubSpot may be the one.</summary>
    Ambiguous,

    /// <summary>HubSpot answered with success but said nothing of this record, and it cannot be found.</summary>
    Unaccounted,

    /// <summary>HubSpot refused it together with others and does not say which of them it means; apart from them it may be accepted.</summary>
    RefusedTogether,
}

/// <summary>Why HubSpot refused a record.</summary>
public sealed record HubSpotProblem
{
    /// <summary>What kind of refusal it is.</summary>
    public required ProblemKind Kind { get; init; }

    /// <summary>HubSpot's own words.</summary>
    public required string Message { get; init; }

    /// <summary>HubSpot's category or code, such as VALIDATION_ERROR.</summary>
    public string? Category { get; init; }

    /// <summary>The property refused, where HubSpot names one.</summary>
    public string? Property { get; init; }

    /// <summary>The value refused, where HubSpot names it.</summary>
    public string? Value { get; init; }

    /// <summary>For a conflict: the record that has the value already, where HubSpot names it.</summary>
    public string? ExistingId { get; init; }

    /// <summary>HubSpot's id of the answer, for its support.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The trace ids that the refusal names.</summary>
    public IReadOnlyList<string> TraceIds { get; init; } = [];

    /// <summary>The record ids that the refusal names.</summary>
    public IReadOnlyList<string> RecordIds { get; init; } = [];

    /// <summary>Which property, which value, and what to do.</summary>
    public string PlainWords => Category switch
    {
        "PROPERTY_DOESNT_EXIST" => $"HubSpot has no property \"{Property}\". Create it in HubSpot or take it out of the mapping.",
        "INVALID_OPTION" => $"\"{Value}\" is not among the options of \"{Property}\" in HubSpot. Add the option in HubSpot or change the record.",
        "INVALID_EMAIL" => $"HubSpot does not accept the e-mail address \"{Value}\". Correct it in the record.",
        "DELETED_IN_HUBSPOT" => "The record was deleted in HubSpot. Restore it there and retry, or set Deleted Records to Recreate in the subscription.",
        "OF_ANOTHER_HUB" => $"HubSpot's record {ExistingId} belongs to another hub ({Property} = \"{Value}\"). If that hub writes it no more, "
            + $"empty {Property} there; or set Records Of Other Hubs to Share in the subscription. Then retry.",
        "KEPT_BY_DELETED_RECORD" => $"HubSpot's record {ExistingId} was deleted and still keeps the same {Property ?? "unique value"}. "
            + "Restore it from HubSpot's recycle bin, then retry.",
        "READ_ONLY_VALUE" => $"HubSpot computes \"{Property}\" itself. Take it out of the mapping.",
        "MISSING_REQUIRED_PROPERTY" or "MISSING_CONDITIONAL_REQUIRED_PROPERTY" =>
            $"This HubSpot account requires \"{Property}\". Fill it in the record or map it.",
        _ => Kind switch
        {
            ProblemKind.Conflict => $"Another record in HubSpot{(ExistingId is null ? "" : $" ({ExistingId})")} has the same "
                + $"{Property ?? "unique value"} already. Merge the two in HubSpot or change the value, then retry.",
            ProblemKind.NotFound => "The record is no longer in HubSpot. Retry to create it again.",
            ProblemKind.DeadReference => $"Something that the record belongs to is no longer in HubSpot: {Message}. Retry; it is looked for again.",
            ProblemKind.Ambiguous => Message,
            ProblemKind.RefusedTogether => $"HubSpot refused it together with other records and does not say which of them it means: {Message} "
                + "It is tried again with fewer.",
            ProblemKind.Unaccounted => "HubSpot accepted the batch but says nothing of this record: it is not there, or was not changed. Retry.",
            _ => $"HubSpot refused {(Property is null ? "the record" : $"\"{Property}\"{(Value is null ? "" : $" = \"{Value}\"")}")}: {Message}",
        },
    };

    /// <summary>As the hub tells it.</summary>
    public Problem ToProblem() => new() { Message = PlainWords, Field = Property, Value = Value, Passing = Kind == ProblemKind.RefusedTogether };
}
