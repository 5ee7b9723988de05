namespace HubSpotBus.Testing;

/// <summary>What Linux lets a process do.</summary>
public static class ProcessLimits
{
    /// <summary>Soft and hard limit of its core files: what a crash may leave.</summary>
    public static async Task<IReadOnlyList<string>> CoreFilesAsync(int processId) =>
        (await File.ReadAllLinesAsync($"/proc/{processId}/limits")).Single(l => l.StartsWith("Max core file size", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[4..6];
}
