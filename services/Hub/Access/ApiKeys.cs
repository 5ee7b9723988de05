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

    public bool Is(string key) => HasHash(ApiKeys.Hash(key));

    /// <summary>By the hash of the key, see <see cref="ApiKeys.Hash"/>.</summary>
    public bool HasHash(string hash) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(ApiKeys.Hash(_key.Value)));

    /// <summary>Makes the key now, so that it is there when somebody looks for it.</summary>
    public void Ensure() => _ = _key.Value;

    private static string FromFile(string folder)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "admin-key");
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } kept)
            return kept;
        var key = ApiKeys.New();
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        // Under another name first: who dies while writing leaves no half of a key.
        using (var writer = new StreamWriter($"{file}.new", options))
            writer.WriteLine(key);
        File.Move($"{file}.new", file, overwrite: true);
        return key;
    }
}
