using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Products;
using HubSpotBus.Contracts.Transactions;
using MassTransit;

namespace HubSpotBus.Transactions.Transferring;

/// <summary>
/// The transaction saga: map, ensure customers and products side by side, write the new orders or deals, then the lines, then the
/// changed orders or deals. A step that fails is sent again, due later; an answer to an earlier attempt is ignored.
/// </summary>
public sealed class TransactionTransferStateMachine : MassTransitStateMachine<TransactionTransferState>
{
    public TransactionTransferStateMachine()
    {
        InstanceState(s => s.CurrentState);
        Correlate();

        Initially(
            When(Requested).ThenAsync(Steps.BeginAsync).TransitionTo(Mapping));

        During(Mapping,
            When(Requested).ThenAsync(Steps.SendMappingAsync),      // asked again: the first ask may have died with us
            When(Mapped).ThenAsync(Steps.SendPrerequisitesAsync).TransitionTo(EnsuringPrerequisites)
                .If(Steps.PrerequisitesAreThere, there => there.ThenAsync(Steps.SendWriteTransactionsAsync).TransitionTo(WritingTransactions)));

        During(EnsuringPrerequisites,
            When(Requested).ThenAsync(Steps.ResendPrerequisitesAsync),
            When(CustomersAreThere, c => c.Message.Attempt == c.Saga.CustomersAttempt).ThenAsync(Steps.KeepCustomersAsync)
                .If(Steps.PrerequisitesAreThere, there => there.ThenAsync(Steps.SendWriteTransactionsAsync).TransitionTo(WritingTransactions)),
            When(ProductsAreThere, c => c.Message.Attempt == c.Saga.ProductsAttempt).ThenAsync(Steps.KeepProductsAsync)
                .If(Steps.PrerequisitesAreThere, there => there.ThenAsync(Steps.SendWriteTransactionsAsync).TransitionTo(WritingTransactions)),
            When(CustomersFailed, c => c.Message.Attempt == c.Saga.CustomersAttempt).IfElse(c => Steps.MayTryAgain(c, c.Saga.CustomersAttempt, c.Message.RetryAfter),
                again => again.ThenAsync(Steps.RetryCustomersAsync),
                enough => enough.ThenAsync(c => Steps.PostponeAsync(c, c.Message.Reason)).TransitionTo(Done)),
            When(ProductsFailed, c => c.Message.Attempt == c.Saga.ProductsAttempt).IfElse(c => Steps.MayTryAgain(c, c.Saga.ProductsAttempt, c.Message.RetryAfter),
                again => again.ThenAsync(Steps.RetryProductsAsync),
                enough => enough.ThenAsync(c => Steps.PostponeAsync(c, c.Message.Reason)).TransitionTo(Done)));

        DoAgainOnDeadReferences();

        During(WritingTransactions,
            When(Requested).ThenAsync(Steps.SendWriteTransactionsAsync),
            When(TransactionsWereWritten, c => c.Message.Attempt == c.Saga.Attempt && !c.Message.DeadReferences)
                .Then(Steps.FirstAttempt).ThenAsync(Steps.SendWriteLinesAsync).TransitionTo(WritingLines));

        During(WritingLines,
            When(Requested).ThenAsync(Steps.SendWriteLinesAsync),
            When(LinesWereWritten, c => c.Message.Attempt == c.Saga.Attempt && !c.Message.DeadReferences)
                .Then(Steps.FirstAttempt).ThenAsync(Steps.SendWriteChangesAsync).TransitionTo(WritingChanges));

        During(WritingChanges,
            When(Requested).ThenAsync(Steps.SendWriteChangesAsync),
            When(ChangesWereWritten, c => c.Message.Attempt == c.Saga.Attempt && !c.Message.DeadReferences)
                .ThenAsync(Steps.EndAsync).TransitionTo(Done));

        RetryOnFailure(WritingTransactions, Steps.SendWriteTransactionsAsync);
        RetryOnFailure(WritingLines, Steps.SendWriteLinesAsync);
        RetryOnFailure(WritingChanges, Steps.SendWriteChangesAsync);

        // Late answers and duplicates of what is over.
        During(EnsuringPrerequisites, Ignore(Mapped), Ignore(TransactionsWereWritten), Ignore(LinesWereWritten), Ignore(ChangesWereWritten), Ignore(StepFailed));
        During(WritingTransactions, Ignore(Mapped), Ignore(CustomersAreThere), Ignore(ProductsAreThere), Ignore(CustomersFailed), Ignore(ProductsFailed));
        During(WritingLines, Ignore(Mapped), Ignore(CustomersAreThere), Ignore(ProductsAreThere), Ignore(CustomersFailed), Ignore(ProductsFailed),
            Ignore(TransactionsWereWritten));
        During(WritingChanges, Ignore(Mapped), Ignore(CustomersAreThere), Ignore(ProductsAreThere), Ignore(CustomersFailed), Ignore(ProductsFailed),
            Ignore(TransactionsWereWritten), Ignore(LinesWereWritten));
        During(Done, Ignore(Requested), Ignore(Mapped), Ignore(CustomersAreThere), Ignore(ProductsAreThere), Ignore(CustomersFailed),
            Ignore(ProductsFailed), Ignore(TransactionsWereWritten), Ignore(LinesWereWritten), Ignore(ChangesWereWritten), Ignore(StepFailed));
    }

    public State Mapping { get; private set; } = null!;

    public State EnsuringPrerequisites { get; private set; } = null!;

    public State WritingTransactions { get; private set; } = null!;

    public State WritingLines { get; private set; } = null!;

    public State WritingChanges { get; private set; } = null!;

    public State Done { get; private set; } = null!;

    public Event<TransferTransactions> Requested { get; private set; } = null!;

    public Event<TransactionsMapped> Mapped { get; private set; } = null!;

    public Event<CustomersEnsured> CustomersAreThere { get; private set; } = null!;

    public Event<CustomersNotEnsured> CustomersFailed { get; private set; } = null!;

    public Event<ProductsEnsured> ProductsAreThere { get; private set; } = null!;

    public Event<ProductsNotEnsured> ProductsFailed { get; private set; } = null!;

    public Event<TransactionsWritten> TransactionsWereWritten { get; private set; } = null!;

    public Event<LinesWritten> LinesWereWritten { get; private set; } = null!;

    public Event<ChangesWritten> ChangesWereWritten { get; private set; } = null!;

    public Event<WritingFailed> StepFailed { get; private set; } = null!;

    /// <summary>Something that the batch refers to was merged or deleted in HubSpot: once, the batch begins again and trusts no link.</summary>
    private void DoAgainOnDeadReferences()
    {
        During(WritingTransactions, Again(When(TransactionsWereWritten, c => c.Message.Attempt == c.Saga.Attempt && c.Message.DeadReferences)));
        During(WritingLines, Again(When(LinesWereWritten, c => c.Message.Attempt == c.Saga.Attempt && c.Message.DeadReferences)));
        During(WritingChanges, Again(When(ChangesWereWritten, c => c.Message.Attempt == c.Saga.Attempt && c.Message.DeadReferences)));
    }

    private EventActivityBinder<TransactionTransferState, T> Again<T>(EventActivityBinder<TransactionTransferState, T> binder)
        where T : class => binder.ThenAsync(Steps.DoAgainAsync).TransitionTo(EnsuringPrerequisites)
            .If(Steps.PrerequisitesAreThere, there => there.ThenAsync(Steps.SendWriteTransactionsAsync).TransitionTo(WritingTransactions));

    private void RetryOnFailure(State step, Func<BehaviorContext<TransactionTransferState>, Task> send) => During(step,
        When(StepFailed, c => c.Message.Attempt == c.Saga.Attempt).IfElse(c => Steps.MayTryAgain(c, c.Saga.Attempt, c.Message.RetryAfter),
            again => again.Then(Steps.NextAttempt).ThenAsync(c => send(c)),
            enough => enough.ThenAsync(c => Steps.PostponeAsync(c, c.Message.Reason)).TransitionTo(Done)));

    private void Correlate()
    {
        Event(() => Requested, e => e.CorrelateById(m => m.Message.BatchId));
        Event(() => Mapped, e => e.CorrelateById(m => m.Message.BatchId));
        Event(() => CustomersAreThere, e => e.CorrelateById(m => m.Message.BatchId));
        Event(() => CustomersFailed, e => e.CorrelateById(m => m.Message.BatchId));
        Event(() => ProductsAreThere, e => e.CorrelateById(m => m.Message.BatchId));
        Event(() => ProductsFailed, e => e.CorrelateById(m => m.Message.BatchId));
        Event(() => TransactionsWereWritten, e => e.CorrelateById(m => m.Message.BatchId));
        Event(() => LinesWereWritten, e => e.CorrelateById(m => m.Message.BatchId));
        Event(() => ChangesWereWritten, e => e.CorrelateById(m => m.Message.BatchId));
        Event(() => StepFailed, e => e.CorrelateById(m => m.Message.BatchId));
    }
}
