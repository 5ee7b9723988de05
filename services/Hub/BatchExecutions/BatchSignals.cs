using System.Collections.Concurrent;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>Tells who waits for a batch execution in this process that its outcome is committed.</summary>
public sealed class BatchSignals
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _waiting = [];

    public void Set(Guid batchId)
    {
        if (_waiting.TryRemove(batchId, out var waiting))
            waiting.TrySetResult();
    }

    /// <summary>Returns after the signal, when <paramref name="atMost"/> has passed, or when the process stops.</summary>
    public async Task WaitAsync(Guid batchId, TimeSpan atMost, TimeProvider time, CancellationToken stopping)
    {
        var waiting = _waiting.GetOrAdd(batchId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await waiting.Task.WaitAsync(atMost, time, stopping);
        }
        catch (TimeoutException)
        {
            // Look at the row: somebody else may have written the outcome.
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The caller sees it and leaves.
        }
    }

    public void Forget(Guid batchId) => _waiting.TryRemove(batchId, out _);
}
