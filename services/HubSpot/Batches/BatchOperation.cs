using HubSpotBus.HubSpot.Crm;

namespace HubSpotBus.HubSpot.Batches;

/// <summary>One kind of batch call on one object type, and its request.</summary>
internal sealed record BatchOperation(Guid SubscriptionId, string ObjectType, string KeyProperty, string Name, bool KeyIsUnique = true)
{
    public BatchRequest RequestFor(IReadOnlyList<RecordWrite> writes) => new()
    {
        Inputs = [.. writes.Select(write => new BatchInput
        {
            Id = Name switch { "update" => write.Id, "upsert" => write.Key, _ => null },
            IdProperty = Name == "upsert" ? KeyProperty : null,
            ObjectWriteTraceId = BatchLedger.TraceId(write),
            Properties = new Dictionary<string, string>(write.Properties) { [KeyProperty] = write.Key },
            Associations = Name == "create" ? [.. (write.Associations ?? []).Select(a => new AssociationInput
            {
                To = new RecordReference(a.ToId),
                Types = [.. a.TypeIds.Select(t => new AssociationType(t))],
            })] : null,
        })],
    };
}
