using System.Security.Cryptography;

namespace HubSpotBus.HubSpotSimulator.Store;

internal static class RandomId
{
    public static string Token(string prefix) => prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    public static string Uuid() => new Guid(RandomNumberGenerator.GetBytes(16)).ToString();
}
