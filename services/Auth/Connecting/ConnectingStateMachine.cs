using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using MassTransit;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Connecting;

/// <summary>
/// authorised -> identify account -> prepare properties -> resolve categories -> prepare mappings -> adopt customers, products, transactions -> ready.
/// A step that fails for a while is ordered again; one that is refused ends in Failed. Disconnecting ends it wherever it is, and connecting again starts over from anywhere.
/// </summary>
public sealed class ConnectingStateMachine : MassTransitStateMachine<ConnectingState>
{
    private readonly LiveConnections _connections;

    public ConnectingStateMachine(LiveConnections connections, IOptions<ConnectingOptions> options)
    {
        _connections = connections;
        var retries = options.Value;
        InstanceState(s => s.CurrentState);
        Event(() => Authorised, e => e.CorrelateById(m => m.Message.SubscriptionId));
        Event(() => Identified, e => Answer(e, m => m.SubscriptionId));
        Event(() => PropertiesReady, e => Answer(e, m => m.SubscriptionId));
        Event(() => CategoriesResolved, e => Answer(e, m => m.SubscriptionId));
        Event(() => MappingsReady, e => Answer(e, m => m.SubscriptionId));
        Event(() => Adopted, e => Answer(e, m => m.SubscriptionId));
        Event(() => StepFailed, e => Answer(e, m => m.SubscriptionId));
        Event(() => Resumed, e => Answer(e, m => m.SubscriptionId));
        OnUnhandledEvent(late => late.Ignore()); // answers to steps that are behind us

        Initially(
            When(Authorised).StartOver().ThenAsync(c => Identify(c)).TransitionTo(IdentifyingAccount));

        DuringAny(
            When(Authorised, c => c.Message.Attempt > c.Saga.Attempt)
                .StartOver().ThenAsync(c => Identify(c)).TransitionTo(IdentifyingAccount));

        During(IdentifyingAccount,
            When(Identified, c => c.Message.Attempt == c.Saga.Attempt)
                .Then(c => (c.Saga.HubSpotAccountId, c.Saga.LinksSince, c.Saga.Account) = (c.Message.HubSpotAccountId, c.Message.LinksSince, c.Message.Account))
                .NextStep().ThenAsync(c => Properties(c)).TransitionTo(PreparingProperties),
            When(StepFailed, c => c.Message.Attempt == c.Saga.Attempt)
                .AgainOrFail(Identify, retries, Failed));

        During(PreparingProperties,
            When(PropertiesReady, c => c.Message.Attempt == c.Saga.Attempt)
                .Then(c => c.Saga.Account = c.Saga.Account with { ObjectTypes = c.Message.ObjectTypes, KeysNotUnique = c.Message.KeysNotUnique })
                .NextStep().ThenAsync(c => Categories(c)).TransitionTo(ResolvingCategories),
            When(StepFailed, c => c.Message.Attempt == c.Saga.Attempt)
                .AgainOrFail(Properties, retries, Failed));

        During(ResolvingCategories,
            When(CategoriesResolved, c => c.Message.Attempt == c.Saga.Attempt)
                .Then(c => c.Saga.Account = c.Saga.Account with
                {
                    CompanyCategoryProperty = c.Message.CompanyProperty,
                    ContactCategoryProperty = c.Message.ContactProperty,
                    CategoryProblem = c.Message.Problem,
                })
                .NextStep().ThenAsync(c => Mappings(c)).TransitionTo(PreparingMappings),
            When(StepFailed, c => c.Message.Attempt == c.Saga.Attempt)
                .AgainOrFail(Categories, retries, Failed));

        During(PreparingMappings,
            When(MappingsReady, c => c.Message.Attempt == c.Saga.Attempt)
                .NextStep().ThenAsync(c => Customers(c)).TransitionTo(AdoptingCustomers),
            When(StepFailed, c => c.Message.Attempt == c.Saga.Attempt)
                .AgainOrFail(Mappings, retries, Failed));

        During(AdoptingCustomers,
            When(Adopted, c => c.Message.Attempt == c.Saga.Attempt && c.Message.Step == nameof(AdoptCustomers))
                .NextStep().ThenAsync(c => Products(c)).TransitionTo(AdoptingProducts),
            When(StepFailed, c => c.Message.Attempt == c.Saga.Attempt)
                .AgainOrFail(Customers, retries, Failed));

        During(AdoptingProducts,
            When(Adopted, c => c.Message.Attempt == c.Saga.Attempt && c.Message.Step == nameof(AdoptProducts))
                .NextStep().ThenAsync(c => Transactions(c)).TransitionTo(AdoptingTransactions),
            When(StepFailed, c => c.Message.Attempt == c.Saga.Attempt)
                .AgainOrFail(Products, retries, Failed));

        During(AdoptingTransactions,
            When(Adopted, c => c.Message.Attempt == c.Saga.Attempt && c.Message.Step == nameof(AdoptTransactions))
                .IfElseAsync(IsConnectedAsync,
                    yes => yes.NextStep().PublishConnected().TransitionTo(Ready),
                    no => no.PublishNotConnected()),
            When(StepFailed, c => c.Message.Attempt == c.Saga.Attempt)
                .AgainOrFail(Transactions, retries, Failed));

        // What it failed for (an account on the move, wrong credentials of the app) is over.
        During(Failed,
            When(Resumed, c => (c.Message.Attempt ?? c.Saga.Attempt) == c.Saga.Attempt).NextStep().ThenAsync(c => Identify(c)).TransitionTo(IdentifyingAccount));
    }

    public State IdentifyingAccount { get; private set; } = null!;

    public State PreparingProperties { get; private set; } = null!;

    public State ResolvingCategories { get; private set; } = null!;

    public State PreparingMappings { get; private set; } = null!;

    public State AdoptingCustomers { get; private set; } = null!;

    public State AdoptingProducts { get; private set; } = null!;

    public State AdoptingTransactions { get; private set; } = null!;

    public State Ready { get; private set; } = null!;

    public State Failed { get; private set; } = null!;

    /// <summary>Left by the next connect only. Disconnecting takes the saga here in its own commit.</summary>
    public State Disconnected { get; private set; } = null!;

    public Event<ConnectionAuthorised> Authorised { get; private set; } = null!;

    public Event<AccountIdentified> Identified { get; private set; } = null!;

    public Event<PropertiesPrepared> PropertiesReady { get; private set; } = null!;

    public Event<CategoriesResolved> CategoriesResolved { get; private set; } = null!;

    public Event<MappingsPrepared> MappingsReady { get; private set; } = null!;

    public Event<RecordsAdopted> Adopted { get; private set; } = null!;

    public Event<ConnectionResumed> Resumed { get; private set; } = null!;

    public Event<ConnectingStepFailed> StepFailed { get; private set; } = null!;

    private static void Answer<T>(IEventCorrelationConfigurator<ConnectingState, T> answer, Func<T, Guid> subscriptionId)
        where T : class
    {
        answer.CorrelateById(m => subscriptionId(m.Message));
        answer.OnMissingInstance(m => m.Discard());
    }

    private static Task Identify(BehaviorContext<ConnectingState> c, TimeSpan? pause = null) => c.Order(new IdentifyAccount
    {
        SubscriptionId = c.Saga.CorrelationId,
        Attempt = c.Saga.Attempt,
    }, pause);

    private async Task Properties(BehaviorContext<ConnectingState> c, TimeSpan? pause = null) => await c.Order(new PrepareProperties
    {
        SubscriptionId = c.Saga.CorrelationId,
        Attempt = c.Saga.Attempt,
        HubKey = (await SettingsAsync(c)).HubKey,
    }, pause);

    private static Task Categories(BehaviorContext<ConnectingState> c, TimeSpan? pause = null) => c.Order(new ResolveCategories
    {
        SubscriptionId = c.Saga.CorrelationId,
        Attempt = c.Saga.Attempt,
    }, pause);

    private async Task Mappings(BehaviorContext<ConnectingState> c, TimeSpan? pause = null) => await c.Order(new PrepareMappings
    {
        SubscriptionId = c.Saga.CorrelationId,
        Attempt = c.Saga.Attempt,
        MappingSet = (await SettingsAsync(c)).MappingSet,
    }, pause);

    private static Task Customers(BehaviorContext<ConnectingState> c, TimeSpan? pause = null) => c.Order(new AdoptCustomers
    {
        SubscriptionId = c.Saga.CorrelationId,
        Attempt = c.Saga.Attempt,
        KeysNotUnique = c.Saga.Account.KeysNotUnique,
        LinksSince = c.Saga.LinksSince,
    }, pause);

    private static Task Products(BehaviorContext<ConnectingState> c, TimeSpan? pause = null) => c.Order(new AdoptProducts
    {
        SubscriptionId = c.Saga.CorrelationId,
        Attempt = c.Saga.Attempt,
        KeysNotUnique = c.Saga.Account.KeysNotUnique,
        LinksSince = c.Saga.LinksSince,
    }, pause);

    private static Task Transactions(BehaviorContext<ConnectingState> c, TimeSpan? pause = null) => c.Order(new AdoptTransactions
    {
        SubscriptionId = c.Saga.CorrelationId,
        Attempt = c.Saga.Attempt,
        KeysNotUnique = c.Saga.Account.KeysNotUnique,
        LinksSince = c.Saga.LinksSince,
    }, pause);

    // Looked up where it is kept: the grant may have died, or another one taken its place, since the step was ordered.
    private async Task<bool> IsConnectedAsync(BehaviorContext<ConnectingState> c) =>
        (await _connections.ReloadAsync(c.Saga.CorrelationId, c.CancellationToken))?.View is { State: ConnectionState.Connected } view
        && view.Attempt == c.Saga.Attempt;

    // Read when the step is ordered: a setting corrected meanwhile counts.
    private async Task<ConnectionView> SettingsAsync(BehaviorContext<ConnectingState> c) =>
        (await _connections.FindAsync(c.Saga.CorrelationId, c.CancellationToken))?.View
        ?? throw new InvalidOperationException($"Settings of subscription {c.Saga.CorrelationId} are not known; save it in the hub again.");
}
