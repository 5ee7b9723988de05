using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.Subscriptions;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.ActivityLog;

/// <summary>Something that happened to a subscription and that an operator may look for later.</summary>
public sealed class Activity
{
    public Guid Id { get; set; }

    public Guid CompanyId { get; set; }

    public Guid SubscriptionId { get; set; }

    public DateTimeOffset At { get; set; }

    public required string What { get; set; }
}

public sealed record ActivityView(DateTimeOffset At, Guid SubscriptionId, string What);

internal static class ActivityEndpoints
{
    public static void Log(this HubDb db, Subscription subscription, TimeProvider time, string what) => db.Activities.Add(new Activity
    {
        Id = NewId.NextGuid(), CompanyId = subscription.CompanyId, SubscriptionId = subscription.Id, At = time.GetUtcNow(), What = what,
    });

    public static void MapActivity(this RouteGroupBuilder company) => company.MapGet("/activity", ListAsync).Produces<Page<ActivityView>>();

    private static async Task<IResult> ListAsync(Guid companyId, HubDb db, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        var errors = new Errors();
        if (Paging.Read(page, pageSize, errors) is not { } p)
            return Refusals.Fields(errors);
        var all = db.Activities.Where(a => a.CompanyId == companyId);
        var items = await all.OrderByDescending(a => a.At).ThenByDescending(a => a.Id).Skip(p.Skip).Take(p.Size)
            .Select(a => new ActivityView(a.At, a.SubscriptionId, a.What)).ToListAsync(cancellationToken);
        return Results.Ok(new Page<ActivityView>(items, p.Number, p.Size, await all.CountAsync(cancellationToken)));
    }
}
