using System.Text.Json;
using System.Text.Json.Serialization;
using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Products;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Transactions;
using HubSpotBus.Hub.Records;
using HubSpotBus.Hub.Subscriptions;
using HubSpotBus.Hub.Transfers;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>Makes the order that starts a batch execution: its records, and all that they refer to, as they are now.</summary>
internal static class BatchOrders
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public static async Task<string> MakeAsync(
        HubDb db, Subscription subscription, BatchExecution batch, List<Transfer> transfers, CancellationToken cancellationToken)
    {
        var read = new Reading(db, subscription.CompanyId, cancellationToken);
        var ids = transfers.ConvertAll(t => t.RecordId);
        var settings = subscription.TransferSettings();
        return batch.DataType switch
        {
            DataType.Company => JsonSerializer.Serialize(new TransferCustomers
            {
                BatchId = batch.Id, SubscriptionId = subscription.Id, Settings = settings, Backfill = batch.Backfill,
                Companies = await read.RecordsAsync<CompanyRecord>(DataType.Company, ids),
            }, Json),
            DataType.Customer => JsonSerializer.Serialize(await CustomersAsync(), Json),
            DataType.Product => JsonSerializer.Serialize(new TransferProducts
            {
                BatchId = batch.Id, SubscriptionId = subscription.Id, Settings = settings, Backfill = batch.Backfill,
                Products = await read.RecordsAsync<ProductRecord>(DataType.Product, ids),
            }, Json),
            _ => JsonSerializer.Serialize(await TransactionsAsync(), Json),
        };

        async Task<TransferCustomers> CustomersAsync()
        {
            var customers = await read.RecordsAsync<CustomerRecord>(DataType.Customer, ids);

            // Companies that do not flow by themselves come with the customers that need them.
            var companies = subscription.FlowsCompanies ? [] : customers.Select(c => c.Record.CompanyId).OfType<string>().Distinct().ToList();
            return new TransferCustomers
            {
                BatchId = batch.Id, SubscriptionId = subscription.Id, Settings = settings, Backfill = batch.Backfill, Customers = customers,
                Companies = await read.RecordsAsync<CompanyRecord>(DataType.Company, companies),
            };
        }

        async Task<TransferTransactions> TransactionsAsync()
        {
            var transactions = await read.RecordsAsync<TransactionRecord>(DataType.Transaction, ids);
            var customers = await read.RecordsAsync<CustomerRecord>(
                DataType.Customer, [.. transactions.Select(t => t.Record.CustomerId).OfType<string>().Distinct()]);
            var companies = transactions.Select(t => t.Record.CompanyId).Concat(customers.Select(c => c.Record.CompanyId)).OfType<string>().Distinct();
            return new TransferTransactions
            {
                BatchId = batch.Id, SubscriptionId = subscription.Id, Settings = settings, Backfill = batch.Backfill,
                Transactions = transactions,
                Customers = customers,
                Companies = await read.RecordsAsync<CompanyRecord>(DataType.Company, [.. companies]),
                Products = await read.ProductsAsync([.. transactions.SelectMany(t => t.Record.Lines).Select(l => l.Sku).Distinct()]),
            };
        }
    }

    /// <summary>Sends the order; sent again, it is a duplicate.</summary>
    public static Task SendAsync(this Outbox<HubDb> outbox, BatchExecution batch, DateTimeOffset? notAfter, CancellationToken cancellationToken)
    {
        var messageId = MessageIds.For(batch.Id, "start");
        return batch.DataType switch
        {
            DataType.Product => outbox.SendAsync(
                Stored<TransferProducts>() with { NotAfter = notAfter }, messageId, cancellationToken: cancellationToken),
            DataType.Transaction => outbox.SendAsync(
                Stored<TransferTransactions>() with { NotAfter = notAfter }, messageId, cancellationToken: cancellationToken),
            _ => outbox.SendAsync(
                Stored<TransferCustomers>() with { NotAfter = notAfter }, messageId, cancellationToken: cancellationToken),
        };

        TOrder Stored<TOrder>() => JsonSerializer.Deserialize<TOrder>(batch.OrderJson, Json)!;
    }

    private sealed class Reading(HubDb db, Guid companyId, CancellationToken cancellationToken)
    {
        public async Task<IReadOnlyList<Snapshot<TRecord>>> RecordsAsync<TRecord>(DataType dataType, List<string> ids)
            where TRecord : class
        {
            if (ids.Count == 0)
                return [];
            var records = await db.Records.AsNoTracking().Where(r => r.CompanyId == companyId && r.DataType == dataType && ids.Contains(r.RecordId))
                .ToDictionaryAsync(r => r.RecordId, cancellationToken);
            return [.. ids.Where(records.ContainsKey).Select(id => records[id]).Select(r => new Snapshot<TRecord>
            {
                Version = r.RecordVersion,
                TrackingId = r.TrackingId,
                Record = JsonSerializer.Deserialize<TRecord>(r.Json, RecordKind.Stored)!,
            })];
        }

        public async Task<IReadOnlyList<Snapshot<ProductRecord>>> ProductsAsync(List<string> skus)
        {
            var ids = await db.Skus.Where(s => s.CompanyId == companyId && skus.Contains(s.Value)).Select(s => s.ProductId).Distinct().ToListAsync(cancellationToken);
            return await RecordsAsync<ProductRecord>(DataType.Product, ids);
        }
    }
}
