using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Mappings.Collections;

namespace HubSpotBus.Mappings.Translating;

/// <summary>The records of one message that cannot be translated.</summary>
internal sealed class Rejections
{
    private readonly List<RejectedRecord> _all = [];

    public IReadOnlyList<RejectedRecord> All => _all;

    /// <summary>True, and the record is rejected, when it has problems.</summary>
    public bool Has(DataType type, string id, IReadOnlyList<Problem> problems)
    {
        if (problems.Count > 0)
            _all.Add(new RejectedRecord { DataType = type, Id = id, Problems = [.. problems.Distinct()] });
        return problems.Count > 0;
    }

    /// <summary>The problem of a record that refers to a rejected one.</summary>
    public IEnumerable<Problem> Of(DataType type, string? id, string field) => Of(_all, type, id, field);

    public static IEnumerable<Problem> Of(IEnumerable<RejectedRecord> rejected, DataType type, string? id, string field) => rejected
        .Where(r => r.DataType == type && r.Id == id)
        .Select(r =>
            Problems.Of(field, id, $"Its {type.ToString().ToLowerInvariant()} '{id}' cannot be transferred: {r.Problems[0].Message}"));
}
