using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Connecting;

/// <summary>Asks HubSpot which account the connection leads to; a subscription stays with the account it was first connected to, unless the operator confirmed another.</summary>
public sealed partial class IdentifyAccountConsumer(
    AuthDb db, HubSpotCalls calls, TokenRequests tokens, LiveConnections connections, ConnectionHealth health, ILogger<IdentifyAccountConsumer> log)
    : IConsumer<IdentifyAccount>
{
    private static readonly HubSpotCall _details = new() { Path = EgressPath.Parse("GET", "account-info/details")! };

    public async Task Consume(ConsumeContext<IdentifyAccount> context)
    {
        var (order, cancellation) = (context.Message, context.CancellationToken);
        // The token of this connect is asked for its account, not the one that memory may hold still.
        await connections.ReloadAsync(order.SubscriptionId, cancellation);
        var answer = await calls.CallAsync(order.SubscriptionId, _details, cancellation);
        if (Failure(order, answer) is { } failure)
        {
            await context.Publish(failure, cancellation);
            return;
        }

        var details = AccountDetails.Read(answer.Body)!;
        var row = await db.Connections.SingleAsync(c => c.SubscriptionId == order.SubscriptionId, cancellation);
        if (row.Attempt != order.Attempt)
            return; // connected anew meanwhile; the saga has sent a new order for that

        if (!row.TakeAccount(details.PortalId!.Value))
        {
            await RefuseAsync(context, row.HubSpotAccountId!.Value, details.PortalId.Value);
            return;
        }

        row.TimeZone = details.TimeZone;
        if (row.IsStatic && await connections.FindAsync(order.SubscriptionId, cancellation) is { } connection)
            row.Scopes = await tokens.ScopesOfStaticAsync(connection, cancellation) ?? row.Scopes;
        await db.SaveChangesAsync(cancellation);
        Identified(log, order.SubscriptionId, details.PortalId.Value);
        await context.Publish(new AccountIdentified
        {
            SubscriptionId = order.SubscriptionId,
            Attempt = order.Attempt,
            HubSpotAccountId = details.PortalId.Value,
            LinksSince = row.LinksSince,
            Account = new AccountAbilities
            {
                Currencies = [.. new[] { details.CompanyCurrency }.Concat(details.CompanyCurrency is null ? [] : details.AdditionalCurrencies ?? []).OfType<string>().Select(c => c.ToUpperInvariant()).Distinct()],
                TimeZone = details.TimeZone,
                AccountType = details.AccountType,
                Scopes = row.Scopes,
                CallsPerTenSeconds = (await connections.ReloadAsync(order.SubscriptionId, cancellation))?.Line.Account?.Calls,
            },
        }, cancellation);
    }

    // The token of another account must not be used any further: ids of records would mean other records there.
    private async Task RefuseAsync(ConsumeContext<IdentifyAccount> context, long tied, long found)
    {
        var reason = $"The subscription's records live in HubSpot account {tied}, but the token is one of account {found}. "
            + "Connect with a token of the right account, make a new subscription, or confirm the other account when connecting.";
        if (await connections.FindAsync(context.Message.SubscriptionId, context.CancellationToken) is { } connection)
            await health.PauseAsync(connection, context.Message.Attempt, ConnectionState.Revoked, reason, null, context.CancellationToken);
        await context.Publish(Failed(context.Message, reason, transient: false), context.CancellationToken);
    }

    private static ConnectingStepFailed? Failure(IdentifyAccount order, EgressAnswer answer) => answer switch
    {
        { Refusal: "paused" } => Failed(order, Said(answer), transient: answer.RetryAfter is not null),
        { Refusal: not null } => Failed(order, Said(answer), transient: true),
        { Status: 200 } when AccountDetails.Read(answer.Body) is not null => null,
        { Status: 200 } => Failed(order, "HubSpot did not say which account this is.", transient: true),
        { Status: 403 } => Failed(order, $"HubSpot refuses the account details: {Said(answer)} Grant the scope and connect again.", transient: false),
        _ => Failed(order, $"HubSpot answered {answer.Status} to the question which account this is: {Said(answer)}", transient: false),
    };

    private static ConnectingStepFailed Failed(IdentifyAccount order, string reason, bool transient) => new()
    {
        SubscriptionId = order.SubscriptionId,
        Attempt = order.Attempt,
        Step = nameof(IdentifyAccount),
        Reason = reason,
        Transient = transient,
    };

    private static string Said(EgressAnswer answer) => HubSpotMessage.Read(answer.Body) ?? $"status {answer.Status}";

    [LoggerMessage(Level = LogLevel.Information, Message = "{SubscriptionId} is connected to HubSpot account {HubSpotAccountId}")]
    private static partial void Identified(ILogger log, Guid subscriptionId, long hubSpotAccountId);
}
