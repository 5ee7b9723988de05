using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults;
using MassTransit;

namespace HubSpotBus.Auth.Connecting;

/// <summary>The named behaviours of the connecting saga.</summary>
internal static class ConnectingSteps
{
    public static EventActivityBinder<ConnectingState, ConnectionAuthorised> StartOver(
        this EventActivityBinder<ConnectingState, ConnectionAuthorised> binder) =>
        binder.Then(c => c.Saga.Attempt = c.Message.Attempt).NextStep();

    public static EventActivityBinder<ConnectingState, T> NextStep<T>(this EventActivityBinder<ConnectingState, T> binder)
        where T : class => binder.Then(c => (c.Saga.Tries, c.Saga.Reason) = (1, null));

    public static EventActivityBinder<ConnectingState, RecordsAdopted> PublishConnected(
        this EventActivityBinder<ConnectingState, RecordsAdopted> binder) => binder.Publish(c => new SubscriptionConnected
        {
            SubscriptionId = c.Saga.CorrelationId,
            Attempt = c.Saga.Attempt,
            HubSpotAccountId = c.Saga.HubSpotAccountId!.Value,
            Account = c.Saga.Account,
        });

    /// <summary>Says that the last step found nothing to connect: it is ordered again, until the connection has resumed or all tries are used up.</summary>
    public static EventActivityBinder<ConnectingState, RecordsAdopted> PublishNotConnected(
        this EventActivityBinder<ConnectingState, RecordsAdopted> binder) => binder.Publish(c => new ConnectingStepFailed
        {
            SubscriptionId = c.Saga.CorrelationId,
            Attempt = c.Saga.Attempt,
            Step = nameof(AdoptTransactions),
            Reason = "The connection was paused while the account was being prepared.",
            Transient = true,
        });

    /// <summary>Orders the step again after a pause, or ends in Failed with the reason.</summary>
    public static EventActivityBinder<ConnectingState, ConnectingStepFailed> AgainOrFail(
        this EventActivityBinder<ConnectingState, ConnectingStepFailed> binder,
        Func<BehaviorContext<ConnectingState>, TimeSpan?, Task> order, ConnectingOptions retries, State failed) => binder
        .Then(c => c.Saga.Reason = c.Message.Reason)
        .IfElse(
            c => c.Message.Transient && c.Saga.Tries < retries.StepTries,
            again => again.ThenAsync(c => order(c, retries.PauseAfter(c.Saga.Tries++))),
            end => end
                .Publish(c => new ConnectingFailed
                {
                    SubscriptionId = c.Saga.CorrelationId,
                    Attempt = c.Saga.Attempt,
                    Reason = c.Message.Reason,
                })
                .TransitionTo(failed));

    /// <summary>Sends the order of the present step; the same one twice is a duplicate.</summary>
    public static Task Order<T>(this BehaviorContext<ConnectingState> c, T order, TimeSpan? pause)
        where T : class =>
        c.SendOrder(order, MessageIds.For(c.Saga.CorrelationId, $"{typeof(T).Name}/{++c.Saga.Orders}", c.Saga.Attempt), pause);
}
