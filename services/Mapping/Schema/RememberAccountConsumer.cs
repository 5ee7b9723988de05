using HubSpotBus.Contracts.Connections;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Mappings.Schema;

/// <summary>Keeps which currencies the account has: HubSpot's orders and deals take no other.</summary>
public sealed class RememberAccountConsumer(MappingDb db) : IConsumer<AccountIdentified>
{
    public async Task Consume(ConsumeContext<AccountIdentified> context)
    {
        var identified = context.Message;
        var account = await db.Accounts.SingleOrDefaultAsync(a => a.SubscriptionId == identified.SubscriptionId, context.CancellationToken)
            ?? db.Accounts.Add(new Account { SubscriptionId = identified.SubscriptionId }).Entity;
        // Where none is known, HubSpot's own refusal has to do.
        account.Currencies = [.. identified.Account.Currencies];
    }
}
