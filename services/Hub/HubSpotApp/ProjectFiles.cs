using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace HubSpotBus.Hub.HubSpotApp;

/// <summary>
/// The files of the HubSpot developer project that make the app, for `hs project upload`. Form of the files:
/// developers.hubspot.com/docs/apps/developer-platform/build-apps/app-configuration.
/// </summary>
internal static class ProjectFiles
{
    public const string PlatformVersion = "2026.03";

    // By the type ids that events carry, too; orders have no named type.
    private static readonly (string ObjectType, string[] Properties)[] Watched =
    [
        ("company", ["name", "domain", "phone", "address", "city", "zip", "state", "country"]),
        ("contact", ["email", "firstname", "lastname", "phone", "address", "city", "zip", "state", "country"]),
        ("product", ["name", "price", "hs_sku", "description"]),
        ("deal", ["dealname", "amount", "dealstage", "pipeline"]),
        ("0-123", ["hs_order_name", "hs_total_price", "hs_pipeline_stage", "hs_fulfillment_status"]),
    ];

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Path and content of each file. Webhooks are left out where HubSpot cannot reach us.</summary>
    public static IReadOnlyList<(string Path, string Content)> Of(HubSpotAppView app)
    {
        List<(string, string)> files =
        [
            ("hsproject.json", Json(new { name = "hubspotbus", srcDir = "src", platformVersion = PlatformVersion })),
            ("src/app/app-hsmeta.json", Json(App(app))),
        ];
        if (app.WebhookUrl.Scheme == Uri.UriSchemeHttps)
            files.Add(("src/app/webhooks/webhooks-hsmeta.json", Json(Webhooks(app))));
        return files;
    }

    public static byte[] Zip(HubSpotAppView app)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, content) in Of(app))
            {
                using var entry = zip.CreateEntry($"hubspotbus/{path}").Open();
                entry.Write(Encoding.UTF8.GetBytes(content));
            }
        }

        return stream.ToArray();
    }

    private static object App(HubSpotAppView app) => new
    {
        uid = "hubspotbus_app",
        type = "app",
        config = new
        {
            name = "HubSpotBus",
            description = "Keeps the company's data hub and this HubSpot account in step.",
            distribution = "marketplace",
            auth = new
            {
                type = "oauth",
                redirectUrls = new[] { app.RedirectUrl.AbsoluteUri },
                requiredScopes = app.Scopes,
                optionalScopes = Array.Empty<string>(),
                conditionallyRequiredScopes = Array.Empty<string>(),
            },
            permittedUrls = new { fetch = Array.Empty<string>(), iframe = Array.Empty<string>(), img = Array.Empty<string>() },
        },
    };

    private static object Webhooks(HubSpotAppView app) => new
    {
        uid = "hubspotbus_webhooks",
        type = "webhooks",
        config = new
        {
            settings = new { targetUrl = app.WebhookUrl.AbsoluteUri, maxConcurrentRequests = 10 },
            subscriptions = new { crmObjects = Watched.SelectMany(w => Events(w.ObjectType, w.Properties)) },
        },
    };

    private static IEnumerable<object> Events(string objectType, string[] properties) =>
    [
        .. ((string[])["creation", "deletion", "merge", "restore"]).Select(what => new { subscriptionType = $"object.{what}", objectType, active = true }),
        .. properties.Select(propertyName => new { subscriptionType = "object.propertyChange", objectType, propertyName, active = true }),
    ];

    private static string Json(object file) => JsonSerializer.Serialize(file, Indented) + "\n";
}
