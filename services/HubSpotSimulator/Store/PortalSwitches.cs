namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>
/// Where accounts differ, or where nobody has asked HubSpot yet. The defaults are the likeliest; types are named in the plural.
/// Never changed in place: a portal gets a new one.
/// </summary>
public sealed record PortalSwitches
{
    /// <summary>On these types no property may be made with hasUniqueValue.</summary>
    public IReadOnlyList<string> UniquePropertiesRefused { get; init; } = [];

    /// <summary>On these types other apps have used up all ten unique properties.</summary>
    public IReadOnlyList<string> UniquePropertiesTaken { get; init; } = [];

    /// <summary>What administrators require of new records, by type; only the newest version of the API enforces it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> RequiredByAdministrators { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>What administrators require of records that have some value, by type; only the newest version of the API enforces it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ConditionalRule>> ConditionallyRequired { get; init; } =
        new Dictionary<string, IReadOnlyList<ConditionalRule>>();

    public OrdersObject Orders { get; init; }

    /// <summary>Scopes that this account does not grant, to static tokens neither, e.g. <c>crm.schemas.line_items.write</c>.</summary>
    public IReadOnlyList<string> ScopesWithheld { get; init; } = [];

    /// <summary>A 403 names the scopes in its own context and not in that of an error, as older answers do.</summary>
    public bool MissingScopesOnTop { get; init; }

    /// <summary>How a read shows a property that is defined and has no value.</summary>
    public EmptyValue EmptyValues { get; init; }

    public AssociationId AssociationIds { get; init; }

    /// <summary>Batch create makes identical line items once and answers with fewer results.</summary>
    public bool IdenticalLineItemsMerged { get; init; }

    /// <summary>Batch update writes what it can and answers 207 also without trace ids.</summary>
    public bool UpdatesPartialWithoutTraceIds { get; init; }

    /// <summary>In which field of the form introspection looks for the token.</summary>
    public IntrospectionField IntrospectionField { get; init; }

    /// <summary>200 or 204 on batch archive of associations; without it, by the version of the API.</summary>
    public int? AssociationArchiveStatus { get; init; }

    /// <summary>200 or 201 on batch create of associations; without it, by the version of the API.</summary>
    public int? AssociationCreateStatus { get; init; }

    public bool RetryAfterOn429 { get; init; }

    /// <summary>The 429 of too many searches names its policy, as those of other calls do.</summary>
    public bool SearchLimitNamesPolicy { get; init; }

    /// <summary>A product's hs_sku stays unique and is no idProperty.</summary>
    public bool SkuIsNoKey { get; init; }

    /// <summary>A single GET takes <c>idProperty=domain</c>; upserts and updates never do.</summary>
    public bool DomainIsKeyForGet { get; init; }

    /// <summary>A record in the recycle bin keeps its unique values from the others.</summary>
    public bool ArchivedKeepUniqueValues { get; init; }

    /// <summary>The record that comes out of a merge has the id of the primary one.</summary>
    public bool MergeKeepsPrimaryId { get; init; }

    /// <summary>Batch update takes trace ids and answers as if there were none.</summary>
    public bool UpdatesIgnoreTraceIds { get; init; }

    /// <summary>Only one product may be without SKU.</summary>
    public bool EmptySkusAreTheSame { get; init; }

    /// <summary>No two orders have the same hs_external_order_id.</summary>
    public bool ExternalOrderIdIsUnique { get; init; }

    /// <summary>HubSpot's own properties that this account does not have, by type.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> PropertiesMissing { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>How long a new property is not to be seen, and not to be written, after it was made.</summary>
    public int PropertiesAppearAfterMilliseconds { get; init; }

    /// <summary>Id of the first pipeline of orders; without it, the usual one.</summary>
    public string? OrderPipelineId { get; init; }

    /// <summary>Webhooks tell nothing of orders.</summary>
    public bool OrdersAreNotTold { get; init; }

    /// <summary>What webhooks name as the source of changes that came by the API.</summary>
    public string ApiChangeSource { get; init; } = "INTEGRATION";

    /// <summary>Records lose the value whose option is removed.</summary>
    public bool RemovedOptionsAreEmptied { get; init; }

    /// <summary>To delete a record that is not there is 404.</summary>
    public bool UnknownDeletesAreNotFound { get; init; }

    /// <summary>The API has <c>POST .../{id}/restore</c>.</summary>
    public bool RestoresByApi { get; init; }

    /// <summary>How a read of these types shows a property without value; <see cref="EmptyValues"/> is for the others.</summary>
    public IReadOnlyDictionary<string, EmptyValue> EmptyValuesOf { get; init; } = new Dictionary<string, EmptyValue>();

    /// <summary>The address of a contact that was deleted for good is refused to the API, too, and not only to people.</summary>
    public bool BlocklistHoldsForApi { get; init; }

    /// <summary>How many inputs a batch archive of associations takes.</summary>
    public int AssociationArchiveLimit { get; init; } = 2000;

    /// <summary>How many companies, or deals, a contact is associated with at most, and the other way round.</summary>
    public int MostAssociations { get; init; } = 10_000;

    /// <summary>The account's tax library.</summary>
    public IReadOnlyList<TaxRate> TaxRates { get; init; } =
    [
        new() { Id = "15970230", Name = "state-sales-tax", Label = "State sales tax", PercentageRate = 6.25m },
        new() { Id = "15970231", Name = "former-sales-tax", Label = "Former sales tax", PercentageRate = 5, Active = false },
    ];
}

/// <summary>Records whose property has this value need these, too: a lost deal its reason.</summary>
public sealed record ConditionalRule
{
    public string Property { get; init; } = "";

    public string Value { get; init; } = "";

    public IReadOnlyList<string> Requires { get; init; } = [];
}

public enum OrdersObject
{
    Available,

    /// <summary>Every call on orders is 403.</summary>
    MissingScopes,

    /// <summary>Every call on orders is 400, as with a type that nobody knows.</summary>
    UnknownType,
}

public enum EmptyValue
{
    Null,
    Missing,
}

public enum AssociationId
{
    Numbers,
    Strings,
}

public enum IntrospectionField
{
    Any,

    /// <summary><c>token</c> with <c>token_type_hint</c>, as the official files have it.</summary>
    Token,

    /// <summary><c>access_token</c> or <c>refresh_token</c>, as the guide has it.</summary>
    NamedAfterHint,
}
