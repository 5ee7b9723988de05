using System.Text.Json;

namespace HubSpotBus.Auth.Connecting;

/// <summary>HubSpot's answer to account-info/details, as far as it matters here.</summary>
public sealed record AccountDetails
{
    public long? PortalId { get; init; }

    public string? CompanyCurrency { get; init; }

    public IReadOnlyList<string>? AdditionalCurrencies { get; init; }

    public string? TimeZone { get; init; }

    /// <summary>The details; null when the body is none.</summary>
    public static AccountDetails? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<AccountDetails>(body, JsonSerializerOptions.Web) is { PortalId: not null } details ? details : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
