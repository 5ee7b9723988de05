using System.Diagnostics;
using System.Runtime.Versioning;
using Shouldly;
using Xunit;

namespace HubSpotBus.Contracts.Tests;

/// <summary>The scripts behind the Makefile, in a folder of their own; docker, dotnet and curl are stand-ins that do nothing.</summary>
[SupportedOSPlatform("linux")]
public sealed class ScriptTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;

    public ScriptTests()
    {
        Directory.CreateDirectory(In("build"));
        foreach (var script in new[] { "backup.sh", "compose.sh", "restored.sql" })
            File.Copy(Path.Combine(Repository.Root, "build", script), In("build", script));
        StandIn("build/engine.sh", "exit 0");
        StandIn("build/images.sh", "exit 0");
        StandIn("bin/docker", """if [ "$1 $2" = "volume inspect" ]; then [ -e "volumes/$3" ]; fi""");
        StandIn("bin/dotnet", """
            case "$2" in
            backup) touch "$3" ;;
            --project) echo "$3 failed" >&2; exit 1 ;;
            esac
            """);
        StandIn("bin/curl", "exit 0");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Where_both_set_ups_are_there_a_backup_asks_which_and_takes_none()
    {
        Write("data/run/hubspotbus.db", "");
        Write("data/run/keys/key.xml", "");
        Write(".env", "ADMIN_KEY=known\n");

        var (code, said) = await RunAsync("backup.sh", "backup", "file.tar.gz");

        code.ShouldNotBe(0);
        said.ShouldContain("make backup WHICH=run, or make backup WHICH=up");
        File.Exists(In("file.tar.gz")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("run", "./hubspotbus.db")]
    [InlineData("up", "./postgres.sql")]
    public async Task A_backup_takes_the_set_up_that_it_is_told_and_says_so(string which, string contains)
    {
        Write("data/run/hubspotbus.db", "");
        Write("data/run/keys/key.xml", "");
        Write(".env", "ADMIN_KEY=known\n");

        var (code, said) = await RunAsync("backup.sh", "backup", "file.tar.gz", $"WHICH={which}");

        code.ShouldBe(0, said);
        said.ShouldContain($"The installation of 'make {which}': file.tar.gz");
        (await OutputAsync("tar", "--list", "--file", In("file.tar.gz"))).Split('\n').ShouldContain(contains);
    }

    [Fact]
    public async Task A_backup_of_a_set_up_that_is_not_there_says_so()
    {
        Write(".env", "ADMIN_KEY=known\n");

        (await RunAsync("backup.sh", "backup", "file.tar.gz", "WHICH=run")).Said.ShouldContain("there is no installation of 'make run' here");
    }

    private string In(params string[] path) => Path.Combine([_root, .. path]);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(path))!);
        File.WriteAllText(In(path), text);
    }

    private void StandIn(string path, string script)
    {
        Write(path, $"#!/usr/bin/env bash\n{script}\n");
        File.SetUnixFileMode(In(path), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Runs one of the scripts; arguments with an equals sign are variables. One that has not ended after a minute is ended.</summary>
    private async Task<(int Code, string Said)> RunAsync(string script, params string[] arguments)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var start = new ProcessStartInfo(In("build", script), arguments.Where(a => !a.Contains('=')))
        {
            WorkingDirectory = _root, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{In("bin")}:{start.Environment["PATH"]}";
        foreach (var name in new[] { "WHICH", "DATA_FOLDER", "COMPOSE_ENV_FILES", "COMPOSE_PROJECT_NAME" })
            start.Environment.Remove(name);
        foreach (var variable in arguments.Where(a => a.Contains('=')))
            start.Environment[variable.Split('=')[0]] = variable.Split('=')[1];
        using var process = Process.Start(start)!;
        try
        {
            var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, string.Concat(said));
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static async Task<string> OutputAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true })!;
        return await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
