using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Errors;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.HubSpot.Links;

/// <summary>What became of a link whose HubSpot record was not found.</summary>
internal abstract record Mended
{
    /// <summary>It was merged; the link leads to the survivor now.</summary>
    public sealed record Relinked : Mended;

    /// <summary>It was deleted and may be created again.</summary>
    public sealed record Gone : Mended;

    /// <summary>It was deleted, and the setting leaves it to a person.</summary>
    public sealed record Refused(HubSpotProblem Problem) : Mended;
}

/// <summary>Mends links whose HubSpot record was merged or deleted: one call each.</summary>
public sealed class DeadLinks(RecordReader reader)
{
    internal static readonly HubSpotProblem NotFound = new() { Kind = ProblemKind.NotFound, Message = "The record is not there." };

    /// <summary>Deleted together with its parts, as an order with its lines.</summary>
    internal static readonly HubSpotProblem GoneWithItsParts = new() { Kind = ProblemKind.DeadReference, Message = "it was deleted in HubSpot" };

    private static readonly HubSpotProblem Deleted = new()
    {
        Kind = ProblemKind.NotFound,
        Message = "The record was deleted in HubSpot.",
        Category = "DELETED_IN_HUBSPOT",
    };

    internal async Task<Mended> MendAsync(WriteRun run, Link link, CancellationToken cancellationToken)
    {
        var survivor = await reader.SurvivorAsync(run.Scope.SubscriptionId, run.ObjectType, link.HubSpotId!, run.KeyProperty, cancellationToken);
        if (survivor?.Id is { } id)
        {
            // Two of our records that were made one in HubSpot: one of them keeps writing it.
            var key = survivor.Properties?.GetValueOrDefault(run.KeyProperty);
            (link.HubSpotId, link.Shared) = (id, !string.IsNullOrEmpty(key) && key != run.Scope.KeyOf(link.HubId));
            return new Mended.Relinked();
        }

        return run.Scope.Rules.DeletedRecords == DeletedRecords.Recreate ? new Mended.Gone() : new Mended.Refused(Deleted);
    }

    /// <summary>The link and those of its parts lead nowhere any more. Returns the number of parts.</summary>
    internal static async Task<int> ForgetAsync(WriteRun run, Link link, CancellationToken cancellationToken)
    {
        var parts = await run.Db.Set<Link>().Where(l => l.SubscriptionId == run.Scope.SubscriptionId && l.PartOf == link.HubId).ToListAsync(cancellationToken);
        run.Db.RemoveRange(parts);
        (link.HubSpotId, link.ContentHash, link.AssociationsHash, link.AssociatedWith, link.HubVersion, link.Shared) = (null, null, null, null, 0, false);
        return parts.Count;
    }
}
