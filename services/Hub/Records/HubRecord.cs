using HubSpotBus.Contracts.Records;

namespace HubSpotBus.Hub.Records;

/// <summary>A record of the hub as it is now.</summary>
public sealed class HubRecord
{
    public Guid CompanyId { get; set; }

    public DataType DataType { get; set; }

    /// <summary>The caller's own id.</summary>
    public required string RecordId { get; set; }

    /// <summary>Grows with every change; also guards against two changes at once.</summary>
    public long RecordVersion { get; set; }

    public required string Hash { get; set; }

    public required string Json { get; set; }

    public required string TrackingId { get; set; }

    public DateTimeOffset ChangedAt { get; set; }
}

/// <summary>A SKU and the product that it, or a variant of it, belongs to.</summary>
public sealed class Sku
{
    public Guid CompanyId { get; set; }

    public required string Value { get; set; }

    public required string ProductId { get; set; }
}
