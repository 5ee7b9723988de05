using HubSpotBus.Auth.Egress.Limits;

namespace HubSpotBus.Auth.Egress;

/// <summary>GET /internal/connections/{id}/meter: how much of its limits a subscription uses, over all replicas.</summary>
public static class MeterEndpoint
{
    public static void MapMeter(this IEndpointRouteBuilder app) => app.MapGet("/internal/connections/{subscriptionId:guid}/meter", ReadAsync);

    private static async Task<IResult> ReadAsync(
        Guid subscriptionId, LiveConnections connections, Throttle throttle, ShareLimits limits, ShareReadings readings, CancellationToken cancellation)
    {
        if (await connections.FindAsync(subscriptionId, cancellation) is not { } connection)
            return Results.NotFound();
        var ofAll = await readings.OfAllAsync(connection, cancellation);
        return Results.Ok(new ConnectionMeter
        {
            Counts = ConnectionMeter.Sum(ofAll.SelectMany(r => r.Counts)),
            OldestWaitingSeconds = ofAll.Max(r => r.OldestWaitingSeconds),
            Used = await limits.UsedAsync(connection.Line.Own, cancellation),
            Throttle = throttle.Read(connection.Line),
        });
    }
}

public sealed record ConnectionMeter
{
    /// <summary>By lane and kind: calls within the window, and those that wait or are under way now.</summary>
    public required IReadOnlyList<CallCount> Counts { get; init; }

    /// <summary>Calls made to HubSpot within the window, token calls and repetitions included.</summary>
    public int Calls => Counts.Sum(c => c.Calls);

    /// <summary>Answers 429 of HubSpot within the window.</summary>
    public int RefusedByHubSpot => Counts.Sum(c => c.RefusedByHubSpot);

    /// <summary>Calls that found no room in time, within the window.</summary>
    public int Throttled => Counts.Sum(c => c.Throttled);

    /// <summary>Calls made again within the window.</summary>
    public int Retries => Counts.Sum(c => c.Retries);

    public int Waiting => Counts.Sum(c => c.Waiting);

    public int InFlight => Counts.Sum(c => c.InFlight);

    public required double OldestWaitingSeconds { get; init; }

    /// <summary>Permits of the subscription's window that are used or in a replica's hand.</summary>
    public required int Used { get; init; }

    /// <summary>The settings, and the throttle of the replica that was asked.</summary>
    public required ThrottleReading Throttle { get; init; }

    /// <summary>One count for each lane and kind.</summary>
    public static IReadOnlyList<CallCount> Sum(IEnumerable<CallCount> counts) =>
    [
        .. counts.GroupBy(c => (c.Lane, c.Kind)).OrderBy(g => g.Key).Select(same => new CallCount
        {
            Lane = same.Key.Lane,
            Kind = same.Key.Kind,
            Calls = same.Sum(c => c.Calls),
            RefusedByHubSpot = same.Sum(c => c.RefusedByHubSpot),
            Throttled = same.Sum(c => c.Throttled),
            Retries = same.Sum(c => c.Retries),
            Waiting = same.Sum(c => c.Waiting),
            InFlight = same.Sum(c => c.InFlight),
        }),
    ];
}
