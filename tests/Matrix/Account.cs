using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.Matrix;

/// <summary>An account that differs from the usual one.</summary>
/// <param name="Name">What is different.</param>
/// <param name="Switches">How the simulator is set.</param>
/// <param name="Refusal">Words of the reason with which connecting is refused; null when it is not.</param>
/// <param name="TakesDeals">True when it is refused only because of orders.</param>
internal sealed record Account(string Name, PortalSwitches Switches, string? Refusal = null, bool TakesDeals = false)
{
    /// <summary>How long a write takes to show up in searches; HubSpot needs seconds, sometimes a minute.</summary>
    public TimeSpan SearchesLagBy { get; init; } = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    public static readonly IReadOnlyList<Account> All =
    [
        new("nothing", new PortalSwitches()),
        new("products refuse unique properties", new PortalSwitches { UniquePropertiesRefused = ["products"] }),
        new("orders and deals refuse unique properties", new PortalSwitches { UniquePropertiesRefused = ["orders", "deals"] }),
        new("line items refuse unique properties", new PortalSwitches { UniquePropertiesRefused = ["line_items"] }),
        new("all of these refuse unique properties", new PortalSwitches { UniquePropertiesRefused = ["products", "orders", "deals", "line_items"] }),
        new("all ten unique properties taken on companies and contacts", new PortalSwitches { UniquePropertiesTaken = ["companies", "contacts"] }),
        new("all ten unique properties taken on every type", new PortalSwitches { UniquePropertiesTaken = ["companies", "contacts", "products", "orders", "deals", "line_items"] }),
        new("no orders object", new PortalSwitches { Orders = OrdersObject.UnknownType }, "become Deal", TakesDeals: true),
        new("no scope for orders", new PortalSwitches { Orders = OrdersObject.MissingScopes }, "scope", TakesDeals: true),
        new("no write scope for line-item schemas", new PortalSwitches { ScopesWithheld = ["crm.schemas.line_items.write"] }, "scope"),
        new("no write scope for line-item schemas, in the older form", new PortalSwitches { ScopesWithheld = ["crm.schemas.line_items.write"], MissingScopesOnTop = true }, "scope"),
        new("empty values left out", new PortalSwitches { EmptyValues = EmptyValue.Missing }),
        new("association ids as strings", new PortalSwitches { AssociationIds = AssociationId.Strings }),
        new("identical line items merged", new PortalSwitches { IdenticalLineItemsMerged = true }),
        new("hs_sku is no key", new PortalSwitches { SkuIsNoKey = true }),
        new("Retry-After on 429", new PortalSwitches { RetryAfterOn429 = true }),
        new("updates pass over trace ids", new PortalSwitches { UpdatesIgnoreTraceIds = true }),
        new("updates write the good ones and name none of the others", new PortalSwitches { UpdatesIgnoreTraceIds = true, UpdatesPartialWithoutTraceIds = true }),
        new("deleted records keep their unique values", new PortalSwitches { ArchivedKeepUniqueValues = true }),
        new("new properties appear after 700 ms", new PortalSwitches { PropertiesAppearAfterMilliseconds = 700 }),
        new("associations are created with 201", new PortalSwitches { AssociationCreateStatus = 201 }),
        new("external order ids are unique", new PortalSwitches { ExternalOrderIdIsUnique = true }),
        new("one product may be without SKU, another pipeline of orders", new PortalSwitches { EmptySkusAreTheSame = true, OrderPipelineId = "77" }),
        new("empty values left out of products and line items", new PortalSwitches
        {
            EmptyValuesOf = new Dictionary<string, EmptyValue> { ["products"] = EmptyValue.Missing, ["line_items"] = EmptyValue.Missing },
        }),
        new("searches show nothing of what was written", new PortalSwitches()) { SearchesLagBy = Never },
        new("searches show nothing and hs_sku is no key", new PortalSwitches { SkuIsNoKey = true }) { SearchesLagBy = Never },
        new("searches show nothing and no type has unique keys", new PortalSwitches
        {
            UniquePropertiesTaken = ["companies", "contacts", "products", "orders", "deals", "line_items"],
        }) { SearchesLagBy = Never },
        new("merges keep the id of the primary record", new PortalSwitches { MergeKeepsPrimaryId = true }),
        new("some of HubSpot's own properties missing", new PortalSwitches
        {
            PropertiesMissing = new Dictionary<string, IReadOnlyList<string>>
            {
                ["companies"] = ["city"], ["contacts"] = ["fax", "jobtitle"], ["products"] = ["description", "hs_cost_of_goods_sold"],
                ["orders"] = ["hs_external_created_date"], ["line_items"] = ["hs_discount_percentage"],
            },
        }),
        new("administrators require what records have", new PortalSwitches
        {
            RequiredByAdministrators = new Dictionary<string, IReadOnlyList<string>>
            {
                ["companies"] = ["name"], ["products"] = ["name"], ["orders"] = ["hs_order_name", "hs_total_price"],
                ["deals"] = ["amount"], ["line_items"] = ["name", "quantity", "price"],
            },
        }),
        new("administrators require a name of orders in dollars", new PortalSwitches
        {
            ConditionallyRequired = new Dictionary<string, IReadOnlyList<ConditionalRule>>
            {
                ["orders"] = [new ConditionalRule { Property = "hs_currency_code", Value = "USD", Requires = ["hs_order_name"] }],
            },
        }),
        new("all other switches", new PortalSwitches
        {
            AssociationArchiveStatus = 204, AssociationArchiveLimit = 100, SearchLimitNamesPolicy = true, DomainIsKeyForGet = true, OrdersAreNotTold = true,
            RemovedOptionsAreEmptied = true, UnknownDeletesAreNotFound = true, RestoresByApi = true, BlocklistHoldsForApi = true, MostAssociations = 1000,
            ApiChangeSource = "API", TaxRates = [], IntrospectionField = IntrospectionField.NamedAfterHint,
        }),
        new("tokens are introspected by the field of the official files", new PortalSwitches { IntrospectionField = IntrospectionField.Token }),
    ];
}
