using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.Transactions.Transferring;

namespace HubSpotBus.Transactions.Writing;

/// <summary>Turns mapped transactions and lines into HubSpot records with their associations. Pure.</summary>
internal static class TransactionRecords
{
    public static string ObjectTypeOf(TransactionTarget target) => target == TransactionTarget.Deal ? ObjectTypes.Deals : ObjectTypes.Orders;

    public static LinkedRecord RecordOf(MappedTransaction transaction, TransactionTarget target, BatchWork work)
    {
        var (toContact, toCompany) = target == TransactionTarget.Deal
            ? (AssociationTypes.DealToContact, AssociationTypes.DealToPrimaryCompany)
            : (AssociationTypes.OrderToContact, AssociationTypes.OrderToPrimaryCompany);
        var associations = new List<AssociationTo>();
        if (transaction.CustomerId is { } customer)
            associations.Add(new AssociationTo(ObjectTypes.Contacts, work.CustomerIds[customer], [toContact]));
        if (transaction.CompanyId is { } company)
            associations.Add(new AssociationTo(ObjectTypes.Companies, work.CompanyIds[company], [toCompany]));
        return new LinkedRecord(transaction.Id, transaction.Version, transaction.Properties, associations);
    }

    public static LinkedRecord RecordOf(MappedTransaction transaction, MappedLine line, TransactionTarget target, BatchWork work)
    {
        var properties = new Dictionary<string, string>(line.Properties) { ["hs_product_id"] = work.ProductIds[line.Sku] };
        var parent = target == TransactionTarget.Deal ? AssociationTypes.LineItemToDeal : AssociationTypes.LineItemToOrder;
        var order = new AssociationTo(ObjectTypeOf(target), work.HubSpotIds[transaction.Id], [parent]);
        return new LinkedRecord(LineId(transaction.Id, line.Id), transaction.Version, properties, [order], PartOf: transaction.Id);
    }

    /// <summary>
    /// Hub id of a line: that of its transaction and its own, since a line's id is unique within its transaction only. A slash in the
    /// first is escaped, so that two such pairs never make one id.
    /// </summary>
    private static string LineId(string transactionId, string lineId) =>
        $"{transactionId.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal)}/{lineId}";
}
