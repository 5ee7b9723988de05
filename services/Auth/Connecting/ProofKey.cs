using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using HubSpotBus.Contracts.Connections;

namespace HubSpotBus.Auth.Connecting;

/// <summary>PKCE (RFC 7636), method S256: only who began can redeem the code.</summary>
public static class ProofKey
{
    public const string Method = "S256";

    public static string NewVerifier() => BrowserSecret.New();

    public static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
}
