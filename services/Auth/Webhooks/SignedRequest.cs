using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Webhooks;

/// <summary>
/// What HubSpot signs with the app's client secret: method, address as HubSpot called it, the body's bytes and the time (v3).
/// The older v2 leaves out the time, v1 the address as well.
/// </summary>
public sealed partial record SignedRequest
{
    public const string V3Header = "X-HubSpot-Signature-v3";
    public const string TimestampHeader = "X-HubSpot-Request-Timestamp";
    public const string OldHeader = "X-HubSpot-Signature";
    public const string OldVersionHeader = "X-HubSpot-Signature-Version";
    private static readonly TimeSpan _window = TimeSpan.FromMinutes(5);

    public required string Method { get; init; }

    /// <summary>The address as HubSpot called it, with its query.</summary>
    public required string Url { get; init; }

    public required byte[] Body { get; init; }

    public string? V3 { get; init; }

    /// <summary>Milliseconds since 1970, in digits.</summary>
    public string? Timestamp { get; init; }

    public string? Old { get; init; }

    public string? OldVersion { get; init; }

    /// <summary>What is wrong with it; null when HubSpot has signed this and nothing else.</summary>
    public string? Problem(Secret clientSecret, DateTimeOffset now, bool acceptOld)
    {
        // A signature v3 has to be right: the older ones must not make up for a wrong one.
        if (V3 is not null)
            return TimeProblem(now) ?? (Equal(V3, SignV3(clientSecret)) ? null : $"the signature v3 is not that of this body under {Url}");
        if (Old is null)
            return "it is not signed";
        if (!acceptOld)
            return $"it carries no signature v3, and older ones are not accepted ({WebhookOptions.Section}:{nameof(WebhookOptions.AcceptOldSignatures)})";
        return OldVersion switch
        {
            "v1" => Equal(Old, SignV1(clientSecret)) ? null : "the signature v1 is not that of this body",
            "v2" => Equal(Old, SignV2(clientSecret)) ? null : $"the signature v2 is not that of this body under {Url}",
            _ => "it is signed in a version that is not known here",
        };
    }

    public string SignV3(Secret clientSecret)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Bytes(clientSecret.Reveal()));
        hash.AppendData(Bytes(Method + Decode(Url)));
        hash.AppendData(Body);
        hash.AppendData(Bytes(Timestamp ?? ""));
        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    public string SignV2(Secret clientSecret) => SignOld(clientSecret.Reveal() + Method + Url);

    public string SignV1(Secret clientSecret) => SignOld(clientSecret.Reveal());

    private string SignOld(string before) => Convert.ToHexStringLower(SHA256.HashData([.. Bytes(before), .. Body]));

    // The future as well: a clock of HubSpot's would not run that fast, and a request from there would stay good for longer.
    private string? TimeProblem(DateTimeOffset now)
    {
        if (!long.TryParse(Timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var sent))
            return "it does not say when it was sent";
        var away = Math.Abs((decimal)sent - now.ToUnixTimeMilliseconds());
        return away <= (decimal)_window.TotalMilliseconds ? null : $"it was sent at {sent}, more than five minutes away from now; is the clock right?";
    }

    private static bool Equal(string shown, string right) => CryptographicOperations.FixedTimeEquals(Bytes(shown), Bytes(right));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    // HubSpot signs the address with these characters, and no others, decoded.
    private static string Decode(string url) => Decoded().Replace(url, match => Uri.UnescapeDataString(match.Value));

    [GeneratedRegex("%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Decoded();
}
