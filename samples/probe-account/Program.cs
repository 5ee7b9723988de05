using System.Runtime.InteropServices;
using HubSpotBus.Samples.ProbeAccount;
using HubSpotBus.Samples.ProbeAccount.Facts;

// Usage: TOKEN=... [FORCE=1] ProbeAccount [API address]
// Asks a HubSpot test account what the documentation leaves open. The token comes by the environment, where no process list shows it.
var token = Environment.GetEnvironmentVariable("TOKEN")?.Trim();
var address = args is [var given] ? given : "https://api.hubapi.com";
if (string.IsNullOrEmpty(token) || args.Length > 1 || !Uri.TryCreate(address, UriKind.Absolute, out var api))
{
    Console.Error.WriteLine("Usage: make probe-account TOKEN=<static token of a HubSpot test account> [API_URL=<address>] [FORCE=1]");
    return 1;
}

using var http = new HttpClient { BaseAddress = api };

// The first signal stops and cleans up, the second ends at once.
using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}

var account = new ProbedAccount(http, token, Task.Delay, stop.Token);
return await new AccountProbe(account, Console.Out, AllFacts.List, new OwnConnection(token)).RunAsync(force: Environment.GetEnvironmentVariable("FORCE") == "1");
