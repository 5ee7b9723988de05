using HubSpotBus.Contracts.Transactions;
using HubSpotBus.HubSpot;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.Transactions.Adopting;
using HubSpotBus.Transactions.Transferring;
using HubSpotBus.Transactions.Writing;
using MassTransit;

namespace HubSpotBus.Transactions;

public static class TransactionService
{
    public static void AddTransaction(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<TransactionDb>();
        builder.AddHubSpotClient();
        builder.Services.AddOptions<SagaRetryOptions>().BindConfiguration(SagaRetryOptions.Section).ValidateOnStart();
        builder.Services.AddScoped<WritingStep>();
        builder.Services.AddScoped<IncompleteMarks>();
    }

    public static void AddTransactionConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddDurableSaga<TransactionTransferStateMachine, TransactionTransferState, TransactionDb>(
            concurrency: 10, endpointName: Address.EndpointOf<TransferTransactions>());
        bus.AddDurableConsumer<AdoptTransactionsConsumer, TransactionDb>(HubSpotRegistration.ConsumedAtOnce);
        bus.AddDurableConsumer<WriteTransactionsConsumer, TransactionDb>(HubSpotRegistration.ConsumedAtOnce);
        bus.AddDurableConsumer<WriteLinesConsumer, TransactionDb>(HubSpotRegistration.ConsumedAtOnce);
        bus.AddDurableConsumer<WriteChangesConsumer, TransactionDb>(HubSpotRegistration.ConsumedAtOnce);
    }
}
