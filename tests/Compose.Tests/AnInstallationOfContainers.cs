using System.Net.Http.Headers;
using HubSpotBus.EndToEnd.Tests;

namespace HubSpotBus.Compose.Tests;

/// <summary>
/// An installation by the scripts of this checkout, beside whatever else it has: another project name, other ports, another .env. Its name
/// ends with the test's process, for build/clean-after-tests.sh.
/// </summary>
internal sealed class AnInstallationOfContainers : IAsyncDisposable
{
    private readonly Dictionary<string, string> _settings;

    private AnInstallationOfContainers(string name)
    {
        var (port, safePort) = (FreePort.Next(), FreePort.Next());
        Name = $"hubspotbus-test-{name}-{Environment.ProcessId}";
        Address = new Uri($"http://127.0.0.1:{port}");
        SafeAddress = new Uri($"https://localhost:{safePort}");
        _settings = new Dictionary<string, string>
        {
            ["COMPOSE_PROJECT_NAME"] = Name,
            ["COMPOSE_ENV_FILES"] = EnvFile,
            ["COMPOSE_PROFILES"] = "tls",
            ["HTTP_PORT"] = $"{port}",
            ["TLS_PORT"] = $"{safePort}",
            ["HUBSPOT_CLIENT_ID"] = "the-client",
            ["HUBSPOT_CLIENT_SECRET"] = "a client secret for tests only",
            ["WHICH"] = "up",
            ["DEMO_NAME"] = Name["hubspotbus-".Length..],
            ["HUB_PORT"] = $"{port}",
            ["SIMULATOR_PORT"] = $"{FreePort.Next()}",
        };
    }

    public string Name { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;

    public string EnvFile => Path.Combine(Folder, "env");

    public Uri Address { get; }

    public Uri SafeAddress { get; }

    /// <summary>Nothing is started yet. Skips the test where there are no containers.</summary>
    public static async Task<AnInstallationOfContainers> NewAsync(string name)
    {
        await Commands.ContainersAreNeededAsync();
        return new AnInstallationOfContainers(name);
    }

    /// <summary>A command of the Makefile; what it said.</summary>
    public Task<string> MakeAsync(params string[] arguments) => Commands.MakeAsync(_settings, arguments);

    public string Secret(string name) =>
        File.ReadLines(EnvFile).Single(l => l.StartsWith($"{name}=", StringComparison.Ordinal)).Split('=', 2)[1];

    /// <summary>Service and state of each container.</summary>
    public Task<IReadOnlyList<string>> ContainersAsync() =>
        ListAsync("ps", "--all", "--format", "{{.Label \"com.docker.compose.service\"}} {{.Status}}");

    public async Task<int> ReplicasAsync(string service) =>
        (await ContainersAsync()).Count(c => c.StartsWith($"{service} ", StringComparison.Ordinal));

    /// <summary>What a shell says to this in the first container of a service.</summary>
    public async Task<string> InsideAsync(string service, string command)
    {
        var containers = await ListAsync("ps", "--quiet", "--filter", $"label=com.docker.compose.service={service}");
        var (code, said) = await RunAsync("docker", "exec", containers[0], "sh", "-c", command);
        return code == 0 ? said : throw new InvalidOperationException(said);
    }

    public Task<IReadOnlyList<string>> VolumesAsync() => ListAsync("volume", "ls", "--quiet");

    public Task<IReadOnlyList<string>> NetworksAsync() => ListAsync("network", "ls", "--quiet");

    /// <summary>Signed in as the administrator; follows no redirect, and takes the certificate that the proxy made for itself.</summary>
    public HttpClient Browser(Uri address)
    {
        var browser = new HttpClient(new HttpClientHandler
        {
            AllowAutoRedirect = false,
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        }) { BaseAddress = address };
        browser.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret("ADMIN_KEY"));
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var container in await ListAsync("ps", "--all", "--quiet"))
            await RunAsync("docker", "rm", "--force", "--volumes", container);
        foreach (var volume in await VolumesAsync())
            await RunAsync("docker", "volume", "rm", volume);
        foreach (var network in await NetworksAsync())
            await RunAsync("docker", "network", "rm", network);
        Directory.Delete(Folder, recursive: true);
    }

    private async Task<IReadOnlyList<string>> ListAsync(params string[] arguments)
    {
        var (code, said) = await RunAsync("docker", [.. arguments, "--filter", $"label=com.docker.compose.project={Name}"]);
        return code == 0 ? said.Split('\n', StringSplitOptions.RemoveEmptyEntries) : throw new InvalidOperationException(said);
    }

    private Task<(int Code, string Said)> RunAsync(string program, params string[] arguments) =>
        Commands.RunAsync(_settings, program, arguments);
}
