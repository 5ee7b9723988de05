using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;

namespace HubSpotBus.Mappings.Batches;

/// <summary>One line per record, so that a record can be followed by its tracking id.</summary>
internal static partial class BatchLog
{
    public static IDisposable? BeginBatch(this ILogger log, Guid subscriptionId, Guid batchId) =>
        log.BeginScope(new Dictionary<string, object> { ["SubscriptionId"] = subscriptionId, ["BatchId"] = batchId });

    public static void Records<TRecord>(
        this ILogger log, DataType type, IEnumerable<Snapshot<TRecord>> snapshots, Func<TRecord, string> id,
        IEnumerable<RejectedRecord> rejected)
        where TRecord : class
    {
        var problems = rejected.Where(r => r.DataType == type).ToDictionary(r => r.Id, r => r.Problems.Count, StringComparer.Ordinal);
        foreach (var snapshot in snapshots)
        {
            if (problems.TryGetValue(id(snapshot.Record), out var count))
                LogRejected(log, type, id(snapshot.Record), snapshot.Version, snapshot.TrackingId, count);
            else
                LogTranslated(log, type, id(snapshot.Record), snapshot.Version, snapshot.TrackingId);
        }
    }

    [LoggerMessage(LogLevel.Information, "{DataType} {Id} version {Version} ({TrackingId}) translated")]
    private static partial void LogTranslated(ILogger logger, DataType dataType, string id, long version, string trackingId);

    [LoggerMessage(LogLevel.Information, "{DataType} {Id} version {Version} ({TrackingId}) cannot be translated: {ProblemCount} problems")]
    private static partial void LogRejected(
        ILogger logger, DataType dataType, string id, long version, string trackingId, int problemCount);
}
