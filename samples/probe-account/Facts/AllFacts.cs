namespace HubSpotBus.Samples.ProbeAccount.Facts;

internal static class AllFacts
{
    /// <summary>In the order of the points; 6 comes last, since it tells of all calls.</summary>
    public static readonly IReadOnlyList<Fact> List =
    [
        .. BatchUpdate.Facts,
        .. SkuAsKey.Facts,
        .. UniqueProperties.Facts,
        .. Orders.Facts,
        .. OwnWrites.Facts,
        .. RemovedOption.Facts,
        .. OAuth.Facts,
        .. Deleting.Facts,
        .. EmptyProperties.Facts,
        .. DomainAsKey.Facts,
        .. Associations.Facts,
        .. Patience.Facts,
    ];
}
