using HubSpotBus.Contracts.Connections;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Connecting;

/// <summary>Runs the steps of connecting again without a new approval: what the account can do may have changed.</summary>
public sealed class ProbeAccountConsumer(AuthDb db) : IConsumer<ProbeAccount>
{
    public async Task Consume(ConsumeContext<ProbeAccount> context)
    {
        var row = await db.Connections.SingleOrDefaultAsync(c => c.SubscriptionId == context.Message.SubscriptionId, context.CancellationToken);
        if (row is not { AccessToken: not null })
            return; // never connected, or disconnected meanwhile
        row.Attempt++;
        await context.Publish(new ConnectionAuthorised { SubscriptionId = row.SubscriptionId, Attempt = row.Attempt }, context.CancellationToken);
    }
}
