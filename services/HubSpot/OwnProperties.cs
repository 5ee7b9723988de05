using HubSpotBus.HubSpot.Crm;
using HubSpotBus.HubSpot.Errors;

namespace HubSpotBus.HubSpot;

/// <summary>Properties of our own besides the keys, for what HubSpot has none for.</summary>
public sealed class OwnProperties(IHubSpotApi api)
{
    /// <summary>On orders and deals: why it is not whole. Empty once it is.</summary>
    public const string Incomplete = "hub_incomplete";

    /// <summary>On deals: state in the source.</summary>
    public const string Status = "hub_status";

    /// <summary>On deals: the lines, without the discount on the whole, tax and shipping.</summary>
    public const string Subtotal = "hub_subtotal";

    /// <summary>On deals: tax on the whole.</summary>
    public const string Tax = "hub_tax";

    /// <summary>On deals: cost of shipping.</summary>
    public const string Shipping = "hub_shipping";

    /// <summary>On deals: discount on the whole.</summary>
    public const string Discount = "hub_discount";

    private static readonly PropertyDefinition[] OnDeals =
    [
        Text(Status, "Hub status", "State in the data hub."),
        Number(Subtotal, "Hub subtotal", "Lines without discount on the whole, tax and shipping."),
        Number(Tax, "Hub tax", "Tax on the whole; part of the amount."),
        Number(Shipping, "Hub shipping", "Cost of shipping; part of the amount."),
        Number(Discount, "Hub discount", "Discount on the whole; taken from the amount."),
    ];

    /// <summary>
    /// Makes what deals need and <paramref name="known"/> lacks, a call each; returns all that there is then. An account that takes no
    /// more properties does without: none of these is needed to write a deal.
    /// </summary>
    /// <exception cref="HubSpotException">HubSpot was out of reach.</exception>
    public async Task<IReadOnlyList<PropertyDefinition>> EnsureOnDealsAsync(
        Guid subscriptionId, IReadOnlyList<PropertyDefinition> known, CancellationToken cancellationToken)
    {
        var all = known.ToList();
        try
        {
            foreach (var property in OnDeals.Where(own => known.All(p => p.Name != own.Name)))
            {
                await CreateAsync(subscriptionId, ObjectTypes.Deals, property, known, cancellationToken);
                all.Add(property);
            }
        }
        catch (HubSpotRejectedException)
        {
            // Said when the mappings are fitted to the account: these stay empty.
        }

        return all;
    }

    /// <summary>Makes the property that marks an order or deal as incomplete; that it is there already is fine. One call.</summary>
    /// <exception cref="HubSpotException">HubSpot refused it, or was out of reach.</exception>
    public Task CreateIncompleteAsync(
        Guid subscriptionId, string objectType, IReadOnlyList<PropertyDefinition> known, CancellationToken cancellationToken) => CreateAsync(
        subscriptionId, objectType, Text(Incomplete, "Hub: incomplete", "Why the record lacks some of its line items. Empty when it is whole."),
        known, cancellationToken);

    private async Task CreateAsync(
        Guid subscriptionId, string objectType, PropertyDefinition property, IReadOnlyList<PropertyDefinition> known, CancellationToken cancellationToken)
    {
        var grouped = property with { GroupName = known.Select(p => p.GroupName).FirstOrDefault(g => !string.IsNullOrEmpty(g)) };
        var answer = await HubSpotAnswers.CallAsync(
            () => api.CreatePropertyAsync(subscriptionId, objectType, grouped, cancellationToken), cancellationToken);
        if ((int)answer.StatusCode.GetValueOrDefault() != 409)
            answer.ContentOrThrow();
    }

    private static PropertyDefinition Text(string name, string label, string description) =>
        new() { Name = name, Label = label, Description = description, Type = "string", FieldType = "text" };

    private static PropertyDefinition Number(string name, string label, string description) =>
        new() { Name = name, Label = label, Description = description, Type = "number", FieldType = "number" };
}
