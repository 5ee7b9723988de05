using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Products;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Transactions;
using HubSpotBus.ServiceDefaults;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using SagaContext = MassTransit.BehaviorContext<HubSpotBus.Transactions.Transferring.TransactionTransferState>;

namespace HubSpotBus.Transactions.Transferring;

/// <summary>How the saga tries a failed step again before the transfer goes to the hub's long schedule.</summary>
public sealed class SagaRetryOptions
{
    public const string Section = "TransactionSaga";

    /// <summary>Wait before the second attempt; doubled before each further one.</summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>What the transaction saga does on its way. A MessageId is made of saga, step and attempt: sent again, it is a duplicate.</summary>
internal static class Steps
{
    private const int MaxAttempts = 5;

    /// <summary>Not when it would be tried after the batch's deadline: what is waited for, others may carry by then.</summary>
    public static bool MayTryAgain(SagaContext c, int attempt, TimeSpan? retryAfter) =>
        attempt < MaxAttempts && !(Now(c) + Pause(c, attempt, retryAfter) > c.Saga.NotAfter);

    public static bool PrerequisitesAreThere(SagaContext c) => c.Saga is { CustomersAttempt: 0, ProductsAttempt: 0 };

    public static async Task BeginAsync(BehaviorContext<TransactionTransferState, TransferTransactions> c)
    {
        var asked = c.Message;
        c.Saga.SubscriptionId = asked.SubscriptionId;
        c.Saga.HubKey = asked.Settings.Links.HubKey;
        c.Saga.RecordsOfOtherHubs = asked.Settings.Links.RecordsOfOtherHubs;
        c.Saga.DeletedRecords = asked.Settings.Links.DeletedRecords;
        c.Saga.Target = asked.Settings.TransactionsBecome;
        c.Saga.ProductsAsPrerequisite = asked.Settings.ProductsAsPrerequisite;
        c.Saga.Backfill = asked.Backfill;
        c.Saga.NotAfter = asked.NotAfter;
        c.Saga.Transactions = asked.Transactions.Count;
        c.Saga.Attempt = 1;
        c.Saga.StartedAt = Now(c);
        Db(c).Batches.Add(TransactionBatch.Of(asked.BatchId, new BatchWork
        {
            Requested = [.. asked.Transactions.Select(t => new RequestedTransaction(t.Record.Id, t.TrackingId))],
        }));
        await SendMappingAsync(c);
    }

    public static Task SendMappingAsync(BehaviorContext<TransactionTransferState, TransferTransactions> c) => c.SendOrder(
        new MapTransactions
        {
            BatchId = c.Message.BatchId,
            SubscriptionId = c.Message.SubscriptionId,
            Settings = c.Message.Settings,
            Transactions = c.Message.Transactions,
            Companies = c.Message.Companies,
            Customers = c.Message.Customers,
            Products = c.Message.Products,
        },
        MessageIds.For(c.Saga.CorrelationId, "map"));

    public static async Task SendPrerequisitesAsync(BehaviorContext<TransactionTransferState, TransactionsMapped> c)
    {
        var mapped = c.Message;
        var batch = await BatchAsync(c);
        var work = batch.Work();
        work.Transactions = mapped.Transactions;
        work.Companies = mapped.Companies;
        work.Customers = mapped.Customers;
        work.Products = mapped.Products;
        foreach (var rejected in mapped.Rejected)
        {
            if (rejected.DataType == DataType.Transaction)
                work.Park(rejected.Id, rejected.Problems);
            else
                work.ReferenceProblems[Outcomes.Key(rejected.DataType, rejected.Id)] = rejected.Problems;
        }

        batch.KeepWork();
        await SendPrerequisitesAsync(c, work);
    }

    /// <summary>Begins anew with the prerequisites, and trusts no link: HubSpot no longer has something that the batch refers to.</summary>
    public static async Task DoAgainAsync(SagaContext c)
    {
        c.Saga.Again = true;
        FirstAttempt(c);
        var batch = await BatchAsync(c);
        var work = batch.Work();
        work.ReferenceProblems.Clear();
        batch.KeepWork();
        await SendPrerequisitesAsync(c, work);
    }

    public static async Task ResendPrerequisitesAsync(SagaContext c)
    {
        var work = (await BatchAsync(c)).Work();
        if (c.Saga.CustomersAttempt > 0)
            await SendEnsureCustomersAsync(c, work);
        if (c.Saga.ProductsAttempt > 0)
            await SendEnsureProductsAsync(c, work);
    }

    public static async Task KeepCustomersAsync(BehaviorContext<TransactionTransferState, CustomersEnsured> c)
    {
        var batch = await BatchAsync(c);
        var work = batch.Work();
        work.CompanyIds = c.Message.Companies;
        work.CustomerIds = c.Message.Customers;
        foreach (var rejected in c.Message.Rejected)
            work.ReferenceProblems[Outcomes.Key(rejected.DataType, rejected.Id)] = rejected.Problems;
        batch.KeepWork();
        c.Saga.CustomersAttempt = 0;
        c.Saga.DueAt = null;
    }

    public static async Task KeepProductsAsync(BehaviorContext<TransactionTransferState, ProductsEnsured> c)
    {
        var batch = await BatchAsync(c);
        var work = batch.Work();
        work.ProductIds = c.Message.Products;
        foreach (var missing in c.Message.Missing)
            work.ReferenceProblems[Outcomes.SkuKey(missing.Sku)] = [missing.Problem];
        batch.KeepWork();
        c.Saga.ProductsAttempt = 0;
        c.Saga.DueAt = null;
    }

    public static async Task RetryCustomersAsync(BehaviorContext<TransactionTransferState, CustomersNotEnsured> c)
    {
        Wait(c, c.Saga.CustomersAttempt++, c.Message.Reason, c.Message.RetryAfter);
        await SendEnsureCustomersAsync(c, (await BatchAsync(c)).Work());
    }

    public static async Task RetryProductsAsync(BehaviorContext<TransactionTransferState, ProductsNotEnsured> c)
    {
        Wait(c, c.Saga.ProductsAttempt++, c.Message.Reason, c.Message.RetryAfter);
        await SendEnsureProductsAsync(c, (await BatchAsync(c)).Work());
    }

    public static void FirstAttempt(SagaContext c)
    {
        c.Saga.Attempt = 1;
        c.Saga.DueAt = null;
    }

    public static void NextAttempt(BehaviorContext<TransactionTransferState, WritingFailed> c) =>
        Wait(c, c.Saga.Attempt++, c.Message.Reason, c.Message.RetryAfter);

    public static Task SendWriteTransactionsAsync(SagaContext c) => SendStepAsync(c, "write-transactions",
        new WriteTransactions { BatchId = c.Saga.CorrelationId, SubscriptionId = c.Saga.SubscriptionId, Attempt = c.Saga.Attempt });

    public static Task SendWriteLinesAsync(SagaContext c) => SendStepAsync(c, "write-lines",
        new WriteLines { BatchId = c.Saga.CorrelationId, SubscriptionId = c.Saga.SubscriptionId, Attempt = c.Saga.Attempt });

    public static Task SendWriteChangesAsync(SagaContext c) => SendStepAsync(c, "write-changes",
        new WriteChanges { BatchId = c.Saga.CorrelationId, SubscriptionId = c.Saga.SubscriptionId, Attempt = c.Saga.Attempt });

    public static Task EndAsync(SagaContext c) => PostponeAsync(c, null);

    /// <summary>Ends the saga: says what became of each transaction. Those without a verdict are postponed when there is a reason to.</summary>
    public static async Task PostponeAsync(SagaContext c, string? reason)
    {
        var batch = await BatchAsync(c);
        await c.Publish(
            new TransactionsTransferred
            {
                BatchId = c.Saga.CorrelationId,
                SubscriptionId = c.Saga.SubscriptionId,
                Outcomes = Outcomes.Of(batch.Work(), reason),
            },
            publish => publish.MessageId = MessageIds.For(c.Saga.CorrelationId, "transferred"));
        Db(c).Batches.Remove(batch);
        c.Saga.EndedAt = Now(c);
    }

    private static async Task SendPrerequisitesAsync(SagaContext c, BatchWork work)
    {
        c.Saga.CustomersAttempt = work.Writable().Any(t => t.CustomerId is not null || t.CompanyId is not null) ? 1 : 0;
        c.Saga.ProductsAttempt = work.Writable().Any(t => t.Lines.Count > 0) ? 1 : 0;
        if (c.Saga.CustomersAttempt > 0)
            await SendEnsureCustomersAsync(c, work);
        if (c.Saga.ProductsAttempt > 0)
            await SendEnsureProductsAsync(c, work);
    }

    private static Task SendEnsureCustomersAsync(SagaContext c, BatchWork work)
    {
        var customers = work.Writable().Select(t => t.CustomerId).OfType<string>().ToHashSet();
        var wanted = work.Customers.Where(m => customers.Contains(m.Id)).ToList();
        var companies = work.Writable().Select(t => t.CompanyId).Concat(wanted.Select(m => m.CompanyId)).OfType<string>().ToHashSet();
        return SendStepAsync(c, "ensure-customers", c.Saga.CustomersAttempt, new EnsureCustomers
        {
            BatchId = c.Saga.CorrelationId,
            SubscriptionId = c.Saga.SubscriptionId,
            Attempt = c.Saga.CustomersAttempt,
            Links = c.Saga.LinkRules(),
            Verify = c.Saga.Again,
            Companies = [.. work.Companies.Where(m => companies.Contains(m.Id))],
            Customers = wanted,
            Backfill = c.Saga.Backfill,
            NotAfter = c.Saga.NotAfter,
        });
    }

    private static Task SendEnsureProductsAsync(SagaContext c, BatchWork work) =>
        SendStepAsync(c, "ensure-products", c.Saga.ProductsAttempt, new EnsureProducts
        {
            BatchId = c.Saga.CorrelationId,
            SubscriptionId = c.Saga.SubscriptionId,
            Attempt = c.Saga.ProductsAttempt,
            Links = c.Saga.LinkRules(),
            Verify = c.Saga.Again,
            Skus = [.. work.Writable().SelectMany(t => t.Lines).Select(l => l.Sku).Distinct()],
            Products = work.Products,
            CreateMissing = c.Saga.ProductsAsPrerequisite,
            Backfill = c.Saga.Backfill,
            NotAfter = c.Saga.NotAfter,
        });

    private static Task SendStepAsync<T>(SagaContext c, string step, T order)
        where T : class => SendStepAsync(c, step, c.Saga.Attempt, order);

    private static Task SendStepAsync<T>(SagaContext c, string step, int attempt, T order)
        where T : class => c.SendOrder(order, MessageIds.For(c.Saga.CorrelationId, c.Saga.Again ? $"{step}-again" : step, attempt), c.Saga.DueAt - Now(c));

    private static void Wait(SagaContext c, int attempt, string reason, TimeSpan? retryAfter)
    {
        c.Saga.DueAt = Now(c) + Pause(c, attempt, retryAfter);
        c.Saga.LastFailure = reason;
    }

    private static TimeSpan Pause(SagaContext c, int attempt, TimeSpan? retryAfter) =>
        retryAfter ?? Service<IOptions<SagaRetryOptions>>(c).Value.FirstDelay * Math.Pow(2, attempt - 1);

    // The saga's state and this are read one after the other: another answer may have ended the batch in between. Read again, it is over.
    private static async Task<TransactionBatch> BatchAsync(SagaContext c) =>
        await Db(c).Batches.SingleOrDefaultAsync(b => b.BatchId == c.Saga.CorrelationId, c.CancellationToken)
        ?? throw new DbUpdateConcurrencyException($"Batch execution {c.Saga.CorrelationId} ended at the same moment.");

    private static TransactionDb Db(SagaContext c) => Service<TransactionDb>(c);

    private static DateTimeOffset Now(SagaContext c) => Service<TimeProvider>(c).GetUtcNow();

    private static T Service<T>(SagaContext c)
        where T : class => c.GetServiceOrCreateInstance<T>();
}
