using System.Security.Cryptography;
using System.Text;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.HubSpot.Errors;

namespace HubSpotBus.HubSpot.Links;

/// <summary>A translated hub record, to be written to HubSpot exactly once in effect.</summary>
/// <param name="HubId">Hub id.</param>
/// <param name="Version">Hub version.</param>
/// <param name="Properties">HubSpot properties, without the key property.</param>
/// <param name="Associations">Associations to records that are in HubSpot already.</param>
/// <param name="PartOf">Hub id of the record that it is a part of.</param>
public sealed record LinkedRecord(
    string HubId, long Version, IReadOnlyDictionary<string, string> Properties, IReadOnlyList<AssociationTo> Associations,
    string? PartOf = null)
{
    /// <summary>Hash of the properties: equal hashes, nothing to write.</summary>
    public string ContentHash() => Hash(Properties.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value.Length}:{p.Value}"));

    /// <summary>The records that it is associated with, as <see cref="Link.AssociatedWith"/> has them.</summary>
    internal IEnumerable<string> With() => Associations.Select(a => $"{a.ToObjectType}/{a.ToId}");

    /// <summary>Hash of the associations.</summary>
    public string AssociationsHash() => Hash(Associations
        .OrderBy(a => a.ToObjectType, StringComparer.Ordinal).ThenBy(a => a.ToId, StringComparer.Ordinal)
        .Select(a => $"{a.ToObjectType}/{a.ToId}/{string.Join(',', a.TypeIds.Order())}"));

    private static string Hash(IEnumerable<string> lines) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
}

/// <summary>For whom and by which rules records are written.</summary>
/// <param name="SubscriptionId">The subscription.</param>
/// <param name="Rules">The rules.</param>
/// <param name="Owner">Who claims: the MessageId of the order, the same when it is carried out again.</param>
public sealed record LinkScope(Guid SubscriptionId, LinkRules Rules, Guid Owner)
{
    /// <summary>Value of the key property of a record.</summary>
    public string KeyOf(string hubId) => KeyProperties.Value(Rules.HubKey, hubId);

    /// <summary>True for a key value that another hub wrote.</summary>
    public bool IsOfAnotherHub(string? key) => !string.IsNullOrEmpty(key) && !key.StartsWith(Rules.HubKey + ":", StringComparison.Ordinal);
}

/// <summary>How far to go with a record that HubSpot has already.</summary>
public enum WriteMode
{
    /// <summary>Create what is missing; leave the rest alone.</summary>
    EnsureExists,

    /// <summary>The same, but do not trust the links: look whether HubSpot still has what they lead to.</summary>
    Verify,

    /// <summary>Create what is missing and update what changed.</summary>
    Write,
}

/// <summary>What became of a record.</summary>
public enum LinkedResult
{
    /// <summary>It is new in HubSpot.</summary>
    Created,

    /// <summary>It was changed in HubSpot.</summary>
    Updated,

    /// <summary>This very version was written before; nothing was written now.</summary>
    WrittenBefore,

    /// <summary>HubSpot has it, and this version changes nothing of it; nothing was written.</summary>
    Unchanged,

    /// <summary>HubSpot refused it.</summary>
    Rejected,
}

/// <summary>What became of one record.</summary>
/// <param name="HubId">Hub id.</param>
/// <param name="HubSpotId">HubSpot id, unless there is none.</param>
/// <param name="Result">What became of it.</param>
/// <param name="Problem">Why it was refused.</param>
public sealed record LinkedOutcome(string HubId, string? HubSpotId, LinkedResult Result, HubSpotProblem? Problem = null)
{
    /// <summary>Its version reached HubSpot, now or in an earlier run whose end got lost.</summary>
    public bool Transferred => Result is LinkedResult.Created or LinkedResult.Updated or LinkedResult.WrittenBefore;
}
