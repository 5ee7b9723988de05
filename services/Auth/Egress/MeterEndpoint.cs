namespace HubSpotBus.Auth.Egress;

/// <summary>GET /internal/connections/{id}/meter: how much of its limits a subscription uses.</summary>
public static class MeterEndpoint
{
    public static void MapMeter(this IEndpointRouteBuilder app) => app.MapGet("/internal/connections/{subscriptionId:guid}/meter", ReadAsync);

    private static async Task<IResult> ReadAsync(
        Guid subscriptionId, LiveConnections connections, Throttle throttle, CancellationToken cancellation)
    {
        if (await connections.FindAsync(subscriptionId, cancellation) is not { } connection)
            return Results.NotFound();
        var counts = connection.Counts;
        return Results.Ok(new ConnectionMeter
        {
            Calls = counts.Calls,
            RefusedByHubSpot = counts.RefusedByHubSpot,
            Throttled = counts.Throttled,
            Retries = counts.Retries,
            Throttle = throttle.Read(connection.Line),
        });
    }
}

public sealed record ConnectionMeter
{
    /// <summary>Calls made to HubSpot since the process started, token calls and retries included.</summary>
    public required long Calls { get; init; }

    /// <summary>Answers 429 of HubSpot.</summary>
    public required long RefusedByHubSpot { get; init; }

    /// <summary>Calls that found no room in time.</summary>
    public required long Throttled { get; init; }

    public required long Retries { get; init; }

    /// <summary>The throttle at this moment.</summary>
    public required ThrottleReading Throttle { get; init; }
}
