using System.Runtime.InteropServices;

namespace HubSpotBus.ServiceDefaults;

/// <summary>A crashed process leaves no core file: it would hold tokens and keys in plain text.</summary>
internal static partial class CoreFiles
{
    private const int CoreFileSize = 4; // RLIMIT_CORE, the same number on Linux and macOS

    /// <summary>From now on, for this process, whatever its user's limit is. Systems without such files need nothing.</summary>
    public static void Forbid()
    {
        if (!OperatingSystem.IsWindows() && SetLimit(CoreFileSize, new Limit(0, 0)) != 0)
            throw new InvalidOperationException($"Core files, which would hold tokens, could not be switched off (setrlimit: {Marshal.GetLastPInvokeErrorMessage()}).");
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limit(nuint Soft, nuint Hard);
}
