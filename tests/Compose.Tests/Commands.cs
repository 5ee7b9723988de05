using System.Diagnostics;
using Xunit;

namespace HubSpotBus.Compose.Tests;

/// <summary>Runs commands in this checkout.</summary>
internal static class Commands
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    /// <summary>Skips the test where there are no containers.</summary>
    public static async Task ContainersAreNeededAsync()
    {
        var missing = Environment.GetEnvironmentVariable("NO_CONTAINERS");
        Assert.SkipWhen(!string.IsNullOrEmpty(missing), $"Containers are needed. {missing}");
        var (code, said) = await RunAsync(new Dictionary<string, string>(), "docker", "info");
        Assert.SkipWhen(code != 0, $"No Docker Engine answers: {said}");
    }

    /// <summary>A command of the Makefile; what it said.</summary>
    public static async Task<string> MakeAsync(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        var (code, said) = await RunAsync(settings, "make", ["--silent", .. arguments]);
        TestContext.Current.TestOutputHelper!.WriteLine($"make {string.Join(' ', arguments)}: {clock.Elapsed.TotalSeconds:0} s\n{said}");
        return code == 0
            ? said
            : throw new InvalidOperationException($"make {string.Join(' ', arguments)} ended with exit code {code}:\n{said}");
    }

    public static async Task<(int Code, string Said)> RunAsync(
        IReadOnlyDictionary<string, string> settings, string program, params string[] arguments)
    {
        // By way of the shell, so that what it says and what it complains of come in their order.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" 2>&1", program, .. arguments])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = RepositoryRoot,
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var said = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, said);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} took longer than {Patience.TotalMinutes} minutes.");
        }
    }

    private static string FindRepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "HubSpotBus.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
