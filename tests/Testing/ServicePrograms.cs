namespace HubSpotBus.Testing;

/// <summary>The services as tests start them as processes.</summary>
public static class ServicePrograms
{
    /// <summary>Compiled to machine code where <c>make test</c> has done that, since a start is mostly compiling otherwise; else as they lie beside the tests.</summary>
    public static string Folder { get; } =
        Environment.GetEnvironmentVariable("SERVICE_PROGRAMS") is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;
}
