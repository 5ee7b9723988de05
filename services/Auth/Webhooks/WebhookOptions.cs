namespace HubSpotBus.Auth.Webhooks;

public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>
    /// Takes requests that carry only HubSpot's signatures v1 or v2. Neither covers the time: such a request can be sent again by whoever
    /// saw it, at any time.
    /// </summary>
    public bool AcceptOldSignatures { get; set; }
}
