using System.Security.Cryptography;
using System.Text;
using HubSpotBus.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Hub.Access;

/// <summary>API keys are long and random, so a plain hash is enough to keep them.</summary>
public static class ApiKeys
{
    public static string New() => $"hsb_{Convert.ToHexString(RandomNumberGenerator.GetBytes(32)).ToLowerInvariant()}";

    public static string Hash(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}

/// <summary>The administrator's key: from the configuration, or made at first start and kept in a file that only its owner reads.</summary>
public sealed class AdminKey(IOptions<HubOptions> hub, IOptions<DataOptions> data)
{
    private readonly Lazy<string> _key = new(() => hub.Value.AdminKey is { IsEmpty: false } given ? given.Reveal() : FromFile(data.Value.Folder));

    public bool Is(string key) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(_key.Value));

    /// <summary>Makes the key now, so that it is there when somebody looks for it.</summary>
    public void Ensure() => _ = _key.Value;

    private static string FromFile(string folder)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "admin-key");
        if (File.Exists(file))
            return File.ReadAllText(file).Trim();
        var key = ApiKeys.New();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(file, options);
        writer.WriteLine(key);
        return key;
    }
}
