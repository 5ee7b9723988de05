using System.Security.Cryptography;
using System.Text.Json;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.ActivityLog;
using HubSpotBus.Hub.BatchExecutions;
using HubSpotBus.Hub.Transfers;
using HubSpotBus.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.Subscriptions;

/// <summary>A subscription as the API shows it.</summary>
public sealed record SubscriptionView(
    Guid Id, string Name, string Version, bool CreateDefaultMappings, string ApiUrl, string? CompanyCategoryFieldName,
    string? ContactCategoryFieldName, bool TransferProductsAsPrerequisite, TransactionTarget TransactionsBecome,
    IReadOnlyList<string> TransactionTypes, bool GuestsBecomeContacts, bool TransferWithoutCustomer, bool TotalsMustAddUp,
    IReadOnlyDictionary<string, string> StagesOfStatuses,
    RecordsOfOtherHubs RecordsOfOtherHubs, DeletedRecords DeletedRecords, int ApiThrottleLimit,
    int ApiThrottleSeconds, int ConcurrentConnections, int ConcurrentBatchExecutions, DataFlow DataFlow, string HubKey, string Connection)
{
    internal static SubscriptionView Of(Subscription s) => new(
        s.Id, s.Name, s.Version, s.CreateDefaultMappings, s.ApiUrl, s.CompanyCategoryFieldName, s.ContactCategoryFieldName,
        s.ProductsAsPrerequisite, s.TransactionsBecome, s.TransactionTypes, s.GuestsBecomeContacts, s.TransferWithoutCustomer, s.TotalsMustAddUp,
        s.StagesOfStatuses ?? [],
        s.RecordsOfOtherHubs, s.DeletedRecords, s.ApiThrottleLimit, s.ApiThrottleSeconds, s.ConcurrentConnections,
        s.ConcurrentBatchExecutions,
        new DataFlow { Companies = s.FlowsCompanies, Customers = s.FlowsCustomers, Products = s.FlowsProducts, Transactions = s.FlowsTransactions },
        s.HubKey, s.Connection.ToString());
}

/// <summary>Subscribe, show, change settings, delete.</summary>
internal static class SubscriptionsEndpoints
{
    public static void MapSubscriptions(this RouteGroupBuilder company)
    {
        company.MapPost("/subscriptions", SubscribeAsync)
            .Accepts<SubscriptionSettings>("application/json").Produces<SubscriptionView>(201).ProducesValidationProblem();
        company.MapGet("/subscriptions", async (Guid companyId, HubDb db, CancellationToken cancellationToken) =>
            (await db.Subscriptions.Where(s => s.CompanyId == companyId).OrderBy(s => s.CreatedAt).ToListAsync(cancellationToken))
                .ConvertAll(SubscriptionView.Of));
    }

    public static void MapSubscription(this RouteGroupBuilder subscription)
    {
        subscription.MapGet("", async (Guid subscriptionId, HubDb db, CancellationToken cancellationToken) =>
            SubscriptionView.Of(await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, cancellationToken)));
        subscription.MapPut("", ChangeAsync)
            .Accepts<SubscriptionSettings>("application/json").Produces<SubscriptionView>().ProducesValidationProblem();
        subscription.MapDelete("", DeleteAsync).Produces(204).ProducesProblem(409).ProducesProblem(503);
    }

    private static async Task<IResult> SubscribeAsync(
        Guid companyId, HttpRequest request, HubDb db, Outbox<HubDb> outbox, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = NewId.NextGuid();
        // Random: two subscriptions made in the same moment have ids that begin alike.
        var hubKey = RandomNumberGenerator.GetHexString(8, lowercase: true);
        var subscription = new Subscription { Id = id, CompanyId = companyId, HubKey = hubKey, CreatedAt = time.GetUtcNow() };
        if (await ApplyAsync(subscription, request, db, cancellationToken) is { } refusal)
            return refusal;
        db.Subscriptions.Add(subscription);
        await SaveAsync(subscription, "subscribed", db, outbox, time, cancellationToken);
        return Results.Created($"/api/companies/{companyId}/subscriptions/{id}", SubscriptionView.Of(subscription));
    }

    private static async Task<IResult> ChangeAsync(
        Guid subscriptionId, HttpRequest request, HubDb db, Outbox<HubDb> outbox, TimeProvider time, PlanningSignal planning, CancellationToken cancellationToken)
    {
        var subscription = await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, cancellationToken);
        var before = HowRecordsGo(subscription);
        if (await ApplyAsync(subscription, request, db, cancellationToken) is { } refusal)
            return refusal;
        await ReleaseAsync(db, subscription, parkedToo: HowRecordsGo(subscription) != before, time.GetUtcNow(), cancellationToken);
        await SaveAsync(subscription, "settings saved", db, outbox, time, cancellationToken);
        planning.Set();
        return Results.Ok(SubscriptionView.Of(subscription));
    }

    // As text: records compare the stages of statuses, which are read anew each time, by reference.
    private static string HowRecordsGo(Subscription subscription) => JsonSerializer.Serialize(subscription.TransferSettings());

    /// <summary>Gives the grant back to HubSpot and forgets what waits; batch executions under way end. HubSpot keeps its records.</summary>
    private static async Task<IResult> DeleteAsync(
        Guid subscriptionId, HubDb db, AuthClient auth, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await auth.RefusalAsync(HttpMethod.Delete, ConnectionEndpoints.InAuth(subscriptionId), null, cancellationToken) is { } refusal)
            return refusal;
        var subscription = await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, cancellationToken);
        (subscription.DeletedAt, subscription.NameKey) = (time.GetUtcNow(), $"{subscriptionId}"); // its name is free again
        db.Log(subscription, time, "subscription deleted");
        await db.SaveChangesAsync(cancellationToken);
        return Results.NoContent();
    }

    private static async Task<IResult?> ApplyAsync(Subscription subscription, HttpRequest request, HubDb db, CancellationToken cancellationToken)
    {
        var errors = new Errors();
        var settings = await JsonBody.ReadAsync<SubscriptionSettings>(request, errors);
        if (settings is not null)
        {
            settings.Check(errors);
            var name = settings.Name.Trim().ToUpperInvariant();
            if (await db.Subscriptions.AnyAsync(s => s.CompanyId == subscription.CompanyId && s.NameKey == name && s.Id != subscription.Id, cancellationToken))
                errors.Add("name", "This company has a subscription of this name already; choose another.");
        }

        if (errors.Any)
            return Refusals.Fields(errors);
        settings!.ApplyTo(subscription);
        return null;
    }

    /// <summary>Transactions that were skipped for a type that transfers now go on, and parked ones when it may be the settings' doing.</summary>
    private static async Task ReleaseAsync(HubDb db, Subscription subscription, bool parkedToo, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var waiting = await db.Transfers
            .Where(t => t.SubscriptionId == subscription.Id && t.DataType == DataType.Transaction
                && ((t.State == TransferState.Skipped && t.DoneVersion < t.RecordVersion)
                    || (parkedToo && t.State == TransferState.Parked && t.BlockedBy == null)))
            .ToListAsync(cancellationToken);
        foreach (var transfer in waiting.Where(t => subscription.Transfers(t.TransactionType)))
            transfer.Release(now);
    }

    private static async Task SaveAsync(
        Subscription subscription, string what, HubDb db, Outbox<HubDb> outbox, TimeProvider time, CancellationToken cancellationToken)
    {
        db.Log(subscription, time, what);
        await outbox.PublishAsync(subscription.Saved(), cancellationToken: cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
    }
}
