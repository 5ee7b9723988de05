using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Products;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Transactions;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.Testing;
using HubSpotBus.Transactions.Transferring;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.Transactions.Tests;

/// <summary>The saga alone: spies stand for everybody it talks to.</summary>
public sealed class TransactionSagaTests
{
    private readonly Guid _batch = NewId.NextGuid();

    [Fact]
    public async Task Maps_then_ensures_customers_and_products_side_by_side_then_writes_orders_lines_and_changes()
    {
        await using var service = await StartAsync();

        await service.SendAsync(ATransfer.Of(_batch, ATransfer.Transaction("1")));
        (await service.NextAsync<MapTransactions>()).Transactions.Single().Record.Id.ShouldBe("1");
        await service.PublishAsync(ATransfer.Mapped(_batch, ATransfer.MappedTransaction("1")));
        (await service.NextAsync<EnsureCustomers>()).Customers.Single().Id.ShouldBe("C1");
        (await service.NextAsync<EnsureProducts>()).Skus.ShouldBe(["SKU-1"]);
        await service.PublishAsync(ATransfer.ProductsEnsured(_batch));
        service.Waiting<WriteTransactions>().ShouldBe(0);
        await service.PublishAsync(ATransfer.CustomersEnsured(_batch));
        await AnswerWritingAsync(service);

        var done = await service.NextAsync<TransactionsTransferred>();
        done.Outcomes.Single().Id.ShouldBe("1");
        done.Outcomes.Single().Result.ShouldBe(TransferResult.Unchanged);
        await service.QuietAsync();
        (await StateAsync(service)).CurrentState.ShouldBe("Done");
        (await service.ReadAsync<TransactionDb, int>(db => db.Batches.CountAsync())).ShouldBe(0);
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task An_old_saga_is_forgotten_once_it_has_ended()
    {
        await using var service = await StartAsync();
        await UpToWritingAsync(service);
        (await LeftAsync(service, TimeProvider.System.GetUtcNow().AddMinutes(1))).ShouldBe(1, "it has not ended");
        await AnswerWritingAsync(service);
        await service.NextAsync<TransactionsTransferred>();
        await service.QuietAsync();

        (await LeftAsync(service, TimeProvider.System.GetUtcNow().AddMinutes(-1))).ShouldBe(1);
        (await LeftAsync(service, TimeProvider.System.GetUtcNow().AddMinutes(1))).ShouldBe(0);

        static Task<int> LeftAsync(ServiceUnderTest service, DateTimeOffset before) => service.ReadAsync<TransactionDb, int>(async db =>
        {
            await db.DeleteOldAsync(before, TestContext.Current.CancellationToken);
            return await db.Transfers.CountAsync();
        });
    }

    [Fact]
    public async Task A_line_step_that_fails_three_times_is_tried_four_times_by_one_instance_and_the_order_is_written_once()
    {
        await using var service = await StartAsync();
        await UpToWritingAsync(service);
        await AnswerAsync<WriteTransactions>(service, o => new TransactionsWritten { BatchId = _batch, SubscriptionId = o.SubscriptionId, Attempt = o.Attempt });

        var attempts = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            var order = await service.NextAsync<WriteLines>();
            attempts.Add(order.Attempt);
            if (i < 3)
                await service.PublishAsync(new WritingFailed { BatchId = _batch, SubscriptionId = order.SubscriptionId, Attempt = order.Attempt, Reason = "HubSpot answered 502" });
            else
                await service.PublishAsync(new LinesWritten { BatchId = _batch, SubscriptionId = order.SubscriptionId, Attempt = order.Attempt });
        }

        await AnswerAsync<WriteChanges>(service, o => new ChangesWritten { BatchId = _batch, SubscriptionId = o.SubscriptionId, Attempt = o.Attempt });
        await service.NextAsync<TransactionsTransferred>();
        await service.QuietAsync();
        attempts.ShouldBe([1, 2, 3, 4]);
        service.Waiting<WriteTransactions>().ShouldBe(0);
        (await service.ReadAsync<TransactionDb, int>(db => db.Transfers.CountAsync())).ShouldBe(1);
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_step_that_keeps_failing_postpones_what_has_no_verdict_yet_with_the_reason()
    {
        await using var service = await StartAsync();
        await UpToWritingAsync(service);
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            var order = await service.NextAsync<WriteTransactions>();
            order.Attempt.ShouldBe(attempt);
            await service.PublishAsync(new WritingFailed { BatchId = _batch, SubscriptionId = order.SubscriptionId, Attempt = attempt, Reason = "HubSpot is not available" });
        }

        var outcome = (await service.NextAsync<TransactionsTransferred>()).Outcomes.Single();
        outcome.Result.ShouldBe(TransferResult.Postponed);
        outcome.Problems.Single().Message.ShouldBe("HubSpot is not available");
        await service.QuietAsync();
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_step_that_would_wait_past_the_batchs_deadline_ends_the_batch_as_postponed_at_once()
    {
        await using var service = await StartAsync();
        await UpToWritingAsync(service, notAfter: TimeProvider.System.GetUtcNow().AddMinutes(45));
        var order = await service.NextAsync<WriteTransactions>();

        await service.PublishAsync(new WritingFailed
        {
            BatchId = _batch, SubscriptionId = order.SubscriptionId, Attempt = 1, Reason = "HubSpot answered 477", RetryAfter = TimeSpan.FromHours(2),
        });

        var outcome = (await service.NextAsync<TransactionsTransferred>()).Outcomes.Single();
        outcome.Result.ShouldBe(TransferResult.Postponed);
        outcome.Problems.Single().Message.ShouldBe("HubSpot answered 477");
        await service.QuietAsync();
        (await StateAsync(service)).CurrentState.ShouldBe("Done");
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_customer_that_would_be_waited_for_past_the_batchs_deadline_postpones_the_batch_at_once()
    {
        await using var service = await StartAsync();
        var notAfter = TimeProvider.System.GetUtcNow().AddMinutes(45);
        await service.SendAsync(ATransfer.Of(_batch, ATransfer.Transaction("1")) with { NotAfter = notAfter });
        await service.NextAsync<MapTransactions>();
        await service.PublishAsync(ATransfer.Mapped(_batch, ATransfer.MappedTransaction("1")));
        var ensure = await service.NextAsync<EnsureCustomers>();
        ensure.NotAfter!.Value.ShouldBe(notAfter, TimeSpan.FromMilliseconds(1));
        (await service.NextAsync<EnsureProducts>()).NotAfter.ShouldBe(ensure.NotAfter);

        await service.PublishAsync(new CustomersNotEnsured
        {
            BatchId = _batch, SubscriptionId = ensure.SubscriptionId, Attempt = 1, Reason = "HubSpot answered 477", RetryAfter = TimeSpan.FromHours(2),
        });

        (await service.NextAsync<TransactionsTransferred>()).Outcomes.Single().Result.ShouldBe(TransferResult.Postponed);
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task An_answer_to_an_earlier_attempt_changes_nothing()
    {
        await using var service = await StartAsync();
        await UpToWritingAsync(service);
        var first = await service.NextAsync<WriteTransactions>();
        await service.PublishAsync(new WritingFailed { BatchId = _batch, SubscriptionId = first.SubscriptionId, Attempt = 1, Reason = "lost" });
        (await service.NextAsync<WriteTransactions>()).Attempt.ShouldBe(2);

        await service.PublishAsync(new TransactionsWritten { BatchId = _batch, SubscriptionId = first.SubscriptionId, Attempt = 1 });
        await service.QuietAsync();

        (await StateAsync(service)).CurrentState.ShouldBe("WritingTransactions");
        service.Waiting<WriteLines>().ShouldBe(0);
    }

    [Fact]
    public async Task Customers_that_cannot_be_reached_are_asked_for_again_while_the_products_are_not()
    {
        await using var service = await StartAsync();
        await service.SendAsync(ATransfer.Of(_batch, ATransfer.Transaction("1")));
        await service.NextAsync<MapTransactions>();
        await service.PublishAsync(ATransfer.Mapped(_batch, ATransfer.MappedTransaction("1")));
        var ensure = await service.NextAsync<EnsureCustomers>();
        await service.NextAsync<EnsureProducts>();
        await service.PublishAsync(ATransfer.ProductsEnsured(_batch));
        await service.PublishAsync(new CustomersNotEnsured { BatchId = _batch, SubscriptionId = ensure.SubscriptionId, Attempt = 1, Reason = "423" });

        (await service.NextAsync<EnsureCustomers>()).Attempt.ShouldBe(2);
        await service.PublishAsync(ATransfer.CustomersEnsured(_batch, attempt: 2));

        (await service.NextAsync<WriteTransactions>()).Attempt.ShouldBe(1);
        service.Waiting<EnsureProducts>().ShouldBe(0);
    }

    [Fact]
    public async Task A_transaction_that_cannot_be_mapped_leaves_with_its_reason_and_the_others_go_on()
    {
        await using var service = await StartAsync();
        await service.SendAsync(ATransfer.Of(_batch, ATransfer.Transaction("1"), ATransfer.Transaction("2")));
        await service.NextAsync<MapTransactions>();
        var rejected = new RejectedRecord { DataType = DataType.Transaction, Id = "2", Problems = [new Problem { Message = "no name" }, new Problem { Message = "no total" }] };
        await service.PublishAsync(ATransfer.Mapped(_batch, ATransfer.MappedTransaction("1")) with { Rejected = [rejected] });
        await service.NextAsync<EnsureCustomers>();
        await service.NextAsync<EnsureProducts>();
        await service.PublishAsync(ATransfer.ProductsEnsured(_batch));
        await service.PublishAsync(ATransfer.CustomersEnsured(_batch));
        await AnswerWritingAsync(service);

        var outcomes = (await service.NextAsync<TransactionsTransferred>()).Outcomes;
        outcomes.Select(o => (o.Id, o.Result)).ShouldBe([("1", TransferResult.Unchanged), ("2", TransferResult.Parked)]);
        outcomes[1].Problems.Select(p => p.Message).ShouldBe(["no name", "no total"]);
    }

    [Fact]
    public async Task Nothing_to_write_still_ends_with_one_outcome_for_each_transaction()
    {
        await using var service = await StartAsync();
        await service.SendAsync(ATransfer.Of(_batch, ATransfer.Transaction("2")));
        await service.NextAsync<MapTransactions>();
        var rejected = new RejectedRecord { DataType = DataType.Transaction, Id = "2", Problems = [new Problem { Message = "no name" }] };
        await service.PublishAsync(ATransfer.Mapped(_batch) with { Rejected = [rejected] });
        await AnswerWritingAsync(service);

        (await service.NextAsync<TransactionsTransferred>()).Outcomes.Single().Result.ShouldBe(TransferResult.Parked);
        service.Waiting<EnsureCustomers>().ShouldBe(0);
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task Late_and_double_answers_after_the_end_change_nothing_and_fault_nothing()
    {
        await using var service = await StartAsync();
        await UpToWritingAsync(service);
        await AnswerWritingAsync(service);
        await service.NextAsync<TransactionsTransferred>();

        await service.PublishAsync(ATransfer.CustomersEnsured(_batch));
        await service.PublishAsync(ATransfer.Mapped(_batch));
        await service.SendAsync(ATransfer.Of(_batch, ATransfer.Transaction("1")));
        await service.QuietAsync();

        service.Waiting<TransactionsTransferred>().ShouldBe(0);
        await service.NoDeadLettersAsync();
    }

    private static Task<ServiceUnderTest> StartAsync() => ServiceUnderTest.StartAsync(
        builder =>
        {
            builder.AddServiceDatabase<TransactionDb>();
            builder.Services.Configure<SagaRetryOptions>(options => options.FirstDelay = TimeSpan.FromMilliseconds(1));
        },
        bus =>
        {
            bus.AddDurableSaga<TransactionTransferStateMachine, TransactionTransferState, TransactionDb>(endpointName: "transfer-transactions");
            bus.SpyOnOrder<MapTransactions>();
            bus.SpyOnOrder<EnsureCustomers>();
            bus.SpyOnOrder<EnsureProducts>();
            bus.SpyOnOrder<WriteTransactions>();
            bus.SpyOnOrder<WriteLines>();
            bus.SpyOnOrder<WriteChanges>();
            bus.SpyOnFact<TransactionsTransferred>();
        });

    private Task<TransactionTransferState> StateAsync(ServiceUnderTest service) =>
        service.ReadAsync<TransactionDb, TransactionTransferState>(db => db.Transfers.AsNoTracking().SingleAsync(s => s.CorrelationId == _batch));

    private async Task UpToWritingAsync(ServiceUnderTest service, DateTimeOffset? notAfter = null)
    {
        await service.SendAsync(ATransfer.Of(_batch, ATransfer.Transaction("1")) with { NotAfter = notAfter });
        await service.NextAsync<MapTransactions>();
        await service.PublishAsync(ATransfer.Mapped(_batch, ATransfer.MappedTransaction("1")));
        await service.NextAsync<EnsureCustomers>();
        await service.NextAsync<EnsureProducts>();
        await service.PublishAsync(ATransfer.CustomersEnsured(_batch));
        await service.PublishAsync(ATransfer.ProductsEnsured(_batch));
    }

    private async Task AnswerWritingAsync(ServiceUnderTest service)
    {
        await AnswerAsync<WriteTransactions>(service, o => new TransactionsWritten { BatchId = _batch, SubscriptionId = o.SubscriptionId, Attempt = o.Attempt });
        await AnswerAsync<WriteLines>(service, o => new LinesWritten { BatchId = _batch, SubscriptionId = o.SubscriptionId, Attempt = o.Attempt });
        await AnswerAsync<WriteChanges>(service, o => new ChangesWritten { BatchId = _batch, SubscriptionId = o.SubscriptionId, Attempt = o.Attempt });
    }

    private static async Task AnswerAsync<TOrder>(ServiceUnderTest service, Func<TOrder, object> answer)
        where TOrder : class
    {
        var fact = answer(await service.NextAsync<TOrder>());
        await (fact switch
        {
            TransactionsWritten written => service.PublishAsync(written),
            LinesWritten written => service.PublishAsync(written),
            ChangesWritten written => service.PublishAsync(written),
            _ => throw new ArgumentException($"No answer is known for {typeof(TOrder).Name}.", nameof(answer)),
        });
    }
}
