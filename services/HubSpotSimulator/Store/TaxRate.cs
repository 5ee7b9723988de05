namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>A rate of the account's tax library; line items name it by its id.</summary>
public sealed record TaxRate
{
    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    public string Label { get; init; } = "";

    public decimal PercentageRate { get; init; }

    public bool Active { get; init; } = true;
}
