using System.Net;
using System.Net.Sockets;

namespace HubSpotBus.EndToEnd.Tests;

internal static class FreePort
{
    // Below the ports that systems give to outgoing connections: whoever is killed finds its port free when it starts again.
    private const int First = 20_000, Count = 12_000;
    private static int _last = Environment.ProcessId;

    /// <summary>A port that nothing listens on; never the same twice.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }
}
