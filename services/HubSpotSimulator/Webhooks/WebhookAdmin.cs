using HubSpotBus.HubSpotSimulator.Admin;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>The app's settings: HubSpot has them in a project file or behind a developer key.</summary>
internal static class WebhookAdmin
{
    public static void MapWebhookSettings(this IEndpointRouteBuilder admin)
    {
        admin.MapGet("/webhooks", (SimulatorStore store) => AdminEndpoints.Said(store.Webhooks));
        admin.MapPut("/webhooks", SetAsync);
        admin.MapGet("/webhooks/deliveries", (WebhookSender sender) => AdminEndpoints.Said(sender.Deliveries));
    }

    /// <summary>The whole set. Subscriptions without an id get one.</summary>
    private static async Task<IResult> SetAsync(HttpRequest request, SimulatorStore store)
    {
        var (settings, problem) = await AdminEndpoints.ReadAsync<WebhookSettings>(request);
        if ((problem ?? settings!.Problem()) is { } said)
        {
            return AdminEndpoints.Said(new { message = said }, 400);
        }

        return AdminEndpoints.Said(store.ChangeWebhooks(_ => settings!.Numbered()));
    }
}
