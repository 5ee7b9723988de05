namespace HubSpotBus.Mappings.Collections;

/// <summary>Which stage a status means, where no stage bears the status's own name.</summary>
internal static class Stages
{
    private static readonly string[] Shipped = ["Shipped", "Fulfilled", "Delivered"];
    private static readonly string[] Done = ["Delivered", "Completed", "Closed", "Fulfilled", "Shipped"];
    private static readonly string[] Cancelled = ["Cancelled", "Canceled"];
    private static readonly string[] Won = ["closedwon", "Closed Won"];
    private static readonly string[] Lost = ["closedlost", "Closed Lost"];

    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> OfOrders =
        new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["Cancelled"] = Cancelled,
            ["Canceled"] = Cancelled,
            ["Closed"] = Done,
            ["Complete"] = Done,
            ["Completed"] = Done,
            ["Delivered"] = Done,
            ["Processing"] = ["Processed", "In progress"],
            ["Refunded"] = ["Refunded", .. Cancelled],
            ["Shipped"] = Shipped,
        };

    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> OfDeals =
        new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["Cancelled"] = Lost,
            ["Canceled"] = Lost,
            ["Closed"] = Won,
            ["Complete"] = Won,
            ["Completed"] = Won,
            ["Delivered"] = Won,
            ["Refunded"] = Lost,
            ["Shipped"] = Won,
        };
}
