using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Secret = HubSpotBus.ServiceDefaults.Secret;

namespace HubSpotBus.Auth.Tokens;

/// <summary>Encrypts tokens before they are stored.</summary>
public sealed class TokenVault(IDataProtectionProvider protection)
{
    public const string KeysLost =
        "The stored token cannot be decrypted: the keys of this installation are not those it was encrypted with. " +
        "Restore the keys folder, or connect the subscription again.";

    private readonly IDataProtector _protector = protection.CreateProtector("HubSpotBus.Auth.Tokens");

    public string Lock(Secret token) => _protector.Protect(token.Reveal());

    /// <summary>The token; null when the keys that locked it are gone.</summary>
    public Secret? TryOpen(string locked)
    {
        try
        {
            return _protector.Unprotect(locked);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
