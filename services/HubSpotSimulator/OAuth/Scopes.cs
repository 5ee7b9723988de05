using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.OAuth;

/// <summary>Which scope opens what.</summary>
internal static class Scopes
{
    private const string Commerce = "e-commerce";

    private const string TaxRates = "tax_rates.read";

    public static void Require(ApiCall call, ObjectType type, string right)
    {
        var scope = $"crm.objects.{type.Plural}.{right}";
        Require(call, scope, IsCommerce(type) ? [scope, Commerce] : [scope]);
    }

    /// <summary>Definitions of products and line items have no scope of their own for writing; the older bundle opens them.</summary>
    public static void RequireSchema(ApiCall call, ObjectType type, string right)
    {
        var scope = $"crm.schemas.{type.Plural}.{right}";
        Require(call, scope, (IsCommerce(type), right) switch
        {
            (false, _) => [scope],
            (true, "read") => [scope, $"crm.objects.{type.Plural}.read", Commerce],
            _ => [Commerce],
        });
    }

    /// <summary>Orders have a scope for their pipelines; those of deals go with the deals.</summary>
    public static void RequirePipelines(ApiCall call, ObjectType type, string right)
    {
        if (type == ObjectType.Orders)
        {
            Require(call, $"crm.pipelines.orders.{right}", [$"crm.pipelines.orders.{right}"]);
        }
        else
        {
            var scope = $"crm.objects.{type.Plural}.{right}";
            Require(call, scope, [scope, $"crm.schemas.{type.Plural}.{right}"]);
        }
    }

    public static void RequireTaxRates(ApiCall call) => Require(call, TaxRates, [TaxRates]);

    /// <summary>What a grant is worth in its portal.</summary>
    public static IEnumerable<string> Granted(Grant grant, Portal portal) => grant.Scopes.Except(portal.Switches.ScopesWithheld);

    /// <summary>A static token was given all that there is, as far as its portal has it.</summary>
    public static IEnumerable<string> OfStaticToken(Portal portal) => ObjectType.All
        .SelectMany(t => new[] { $"crm.objects.{t.Plural}.read", $"crm.objects.{t.Plural}.write", $"crm.schemas.{t.Plural}.read", $"crm.schemas.{t.Plural}.write" })
        .Concat(["oauth", "e-commerce", "crm.pipelines.orders.read", "crm.pipelines.orders.write", TaxRates])
        .Except(portal.Switches.ScopesWithheld);

    public static Refusal Missing(Portal portal, string scope)
    {
        var refusal = Refusal.Of(
            403,
            "MISSING_SCOPES",
            "This app hasn't been granted all required scopes to make this call. "
                + "Read more about required scopes here: https://developers.hubspot.com/scopes.");
        var required = new JsonObject { ["requiredGranularScopes"] = new JsonArray(scope) };
        if (portal.Switches.MissingScopesOnTop)
        {
            refusal.Body["context"] = required;
            return refusal;
        }

        refusal.Body["errors"] = new JsonArray(new JsonObject
        {
            ["message"] = "One or more of the following scopes are required.",
            ["context"] = required,
        });
        refusal.Body["links"] = new JsonObject { ["scopes"] = "https://developers.hubspot.com/scopes" };
        return refusal;
    }

    private static void Require(ApiCall call, string named, string[] anyOf)
    {
        if (call.IsByPerson)
        {
            return;
        }

        var withheld = call.Portal.Switches.ScopesWithheld;
        var granted = call.Access!.Grant.Scopes;
        if (withheld.Contains(named) || !anyOf.Any(s => !withheld.Contains(s) && (call.Access.IsStatic || granted.Contains(s))))
        {
            throw Missing(call.Portal, named);
        }
    }

    private static bool IsCommerce(ObjectType type) => type == ObjectType.Products || type == ObjectType.LineItems;
}
