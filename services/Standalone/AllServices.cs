using System.Security.Cryptography;
using HubSpotBus.Auth;
using HubSpotBus.Customers;
using HubSpotBus.Hub;
using HubSpotBus.Mappings;
using HubSpotBus.ProductPrerequisite;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.Transactions;

namespace HubSpotBus.Standalone;

/// <summary>All services in one process, on one SQLite file and one in-memory bus: the parts that their own executables compose.</summary>
public static class AllServices
{
    public const string DefaultUrl = "http://127.0.0.1:5180";

    /// <summary>Settings that follow from being one process: it is its own egress, and nobody else needs the service key.</summary>
    public static void UseStandaloneSettings(this WebApplicationBuilder builder)
    {
        var url = builder.Configuration["Urls"] ?? DefaultUrl;
        builder.WebHost.UseUrls(url);
        var own = new Dictionary<string, string?>
        {
            ["Egress:BaseAddress"] = builder.Configuration["Egress:BaseAddress"] ?? url.Split(';')[0],
            ["Egress:ServiceKey"] = builder.Configuration["Egress:ServiceKey"] ?? Convert.ToHexString(RandomNumberGenerator.GetBytes(32)),
        };
        // One process has one public address, whichever of its services was told.
        if ((builder.Configuration["HubSpotApp:PublicUrl"] ?? builder.Configuration["Hub:PublicUrl"]) is { } publicUrl)
        {
            own["HubSpotApp:PublicUrl"] = publicUrl;
            own["Hub:PublicUrl"] = builder.Configuration["Hub:PublicUrl"] ?? publicUrl;
        }

        builder.Configuration.AddInMemoryCollection(own);
    }

    public static void AddAllServices(this WebApplicationBuilder builder)
    {
        builder.AddHub();
        builder.AddAuth();
        builder.AddMapping();
        builder.AddCustomer();
        builder.AddProductPrerequisite();
        builder.AddTransaction();
        builder.AddServiceBus(bus =>
        {
            bus.AddHubConsumers();
            bus.AddAuthConsumers();
            bus.AddMappingConsumers();
            bus.AddCustomerConsumers();
            bus.AddProductPrerequisiteConsumers();
            bus.AddTransactionConsumers();
        });
    }

    public static void MapAllServices(this WebApplication app)
    {
        app.MapHub();
        app.MapAuth();
    }
}
