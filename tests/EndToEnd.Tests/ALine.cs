using System.Net;
using System.Net.Sockets;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>
/// The network in front of a server or of the replicas of a service: each connection goes on to one of the ports that take it, in turn.
/// Cut, it carries nothing either way and refuses nothing, as a network that drops its packets; mended, it goes on.
/// </summary>
internal sealed class ALine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly Func<IReadOnlyList<int>> _ports;
    private readonly Task _accepting;
    private volatile TaskCompletionSource _whole = Done();
    private int _next;

    public ALine(Func<IReadOnlyList<int>> ports)
    {
        _ports = ports;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut() => _whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Mend() => _whole.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _closed.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_closed.Token));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await _whole.Task.WaitAsync(_closed.Token);
                using var server = await ConnectAsync();
                if (server is not null)
                    await await Task.WhenAny(PumpAsync(client.GetStream(), server.GetStream()), PumpAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One end is gone; the other sees the same.
            }
        }
    }

    private async Task<TcpClient?> ConnectAsync()
    {
        var ports = _ports();
        var first = Interlocked.Increment(ref _next);
        for (var i = 0; i < ports.Count; i++)
        {
            var server = new TcpClient();
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, ports[(first + i) % ports.Count], _closed.Token);
                return server;
            }
            catch (SocketException)
            {
                server.Dispose();
            }
        }

        return null;
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await from.ReadAsync(buffer, _closed.Token)) > 0)
        {
            await _whole.Task.WaitAsync(_closed.Token);
            await to.WriteAsync(buffer.AsMemory(0, read), _closed.Token);
        }
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}
