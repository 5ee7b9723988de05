namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>Of one account: no more requests are under way than the limit of the moment, and the others wait in their order.</summary>
internal sealed class WebhookTurns
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private int _underWay;

    public Task BeginAsync(int limit)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Enqueue(turn);
            LetThrough(limit);
        }

        return turn.Task;
    }

    public void End(int limit)
    {
        lock (_gate)
        {
            _underWay--;
            LetThrough(limit);
        }
    }

    private void LetThrough(int limit)
    {
        while (_underWay < limit && _waiting.TryDequeue(out var next))
        {
            _underWay++;
            next.SetResult();
        }
    }
}
