using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.HubSpotApp;

/// <summary>Client id and secret of the HubSpot app, as an administrator entered them. There is one row at most.</summary>
public sealed class StoredApp : IVersioned
{
    public const int OnlyId = 1;

    public int Id { get; set; } = OnlyId;

    public required string ClientId { get; set; }

    /// <summary>Encrypted.</summary>
    public required string ClientSecret { get; set; }

    public DateTimeOffset StoredAt { get; set; }

    public int Version { get; set; }
}
