namespace HubSpotBus.Testing;

/// <summary>The services as tests start them as processes.</summary>
public static class ServicePrograms
{
    /// <summary>As the images carry them where <c>make test</c> has published that, since a start is mostly compiling otherwise; else as they lie beside the tests.</summary>
    public static string Folder { get; } =
        Environment.GetEnvironmentVariable("SERVICE_PROGRAMS") is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;

    /// <summary>Program and arguments that start a service of a folder: with the folder's own .NET where it has one, else with the machine's.</summary>
    public static IReadOnlyList<string> Start(string folder, string service)
    {
        var program = Path.Combine(folder, $"HubSpotBus.{service}");
        return File.Exists(Path.Combine(folder, "libhostfxr.so")) ? [program] : ["dotnet", $"{program}.dll"];
    }
}
