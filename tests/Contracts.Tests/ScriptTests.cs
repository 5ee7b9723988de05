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

    [Fact]
    public async Task An_env_of_the_users_own_gets_the_secrets_that_it_lacks_and_keeps_what_it_has()
    {
        Write(".env", "HTTP_PORT=8000\nADMIN_KEY=hsb_known\nSERVICE_KEY=\nPOSTGRES_PASSWORD=known");

        var (code, said) = await RunAsync("compose.sh", "up");

        code.ShouldBe(0, said);
        var lines = await File.ReadAllLinesAsync(In(".env"), TestContext.Current.CancellationToken);
        lines.Take(4).ShouldBe(["HTTP_PORT=8000", "ADMIN_KEY=hsb_known", "SERVICE_KEY=", "POSTGRES_PASSWORD=known"]);
        lines.Skip(4).Select(line => line.Split('=')[0]).ShouldBe(["RABBITMQ_PASSWORD", "SERVICE_KEY"]);
        lines.Skip(4).ShouldAllBe(line => line.Split('=', 2)[1].Length == 64);
        File.GetUnixFileMode(In(".env")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Data_that_was_made_with_another_password_is_not_started_with_a_new_one()
    {
        Write("volumes/hubspotbus_postgres-data", "");
        Write(".env", "HTTP_PORT=8000\n");

        var (code, said) = await RunAsync("compose.sh", "up");

        code.ShouldBe(1, said);
        said.ShouldContain("POSTGRES_PASSWORD, which it was made with, is not in .env");
        (await File.ReadAllTextAsync(In(".env"), TestContext.Current.CancellationToken)).ShouldBe("HTTP_PORT=8000\n");
    }

    [Fact]
    public async Task A_restore_does_not_start_old_data_with_the_passwords_of_a_backup()
    {
        Write(".env", "POSTGRES_PASSWORD=known\n");
        (await RunAsync("backup.sh", "backup", "file.tar.gz")).Code.ShouldBe(0);
        File.Delete(In(".env"));
        Write("volumes/hubspotbus_postgres-data", "");

        var (code, said) = await RunAsync("backup.sh", "restore", "file.tar.gz");

        code.ShouldBe(1, said);
        said.ShouldContain("Nothing was restored.");
        File.Exists(In(".env")).ShouldBeFalse();
    }

    [Fact]
    public async Task The_demo_of_a_restore_ends_when_its_first_part_fails()
    {
        var (code, said) = await RunAsync("compose.sh", "demo-restore");

        code.ShouldBe(1, said);
        said.ShouldContain("The demo ended before HubSpot had 200 orders");
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
