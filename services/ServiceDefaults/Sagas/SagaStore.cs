using MassTransit;
using MassTransit.Configuration;
using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.ServiceDefaults.Sagas;

/// <summary>
/// Keeps sagas as rows of a service's store. It never saves: the endpoint's outbox saves the saga together with inbox and outbox,
/// so a saga endpoint without it would lose its state. Hence AddDurableSaga is the only way in.
/// </summary>
internal sealed class SagaStore<TSaga, TDb>(TDb db, ISagaConsumeContextFactory<TDb, TSaga> factory)
    : ISagaRepositoryContextFactory<TSaga>, ILoadSagaRepositoryContextFactory<TSaga>
    where TSaga : class, ISaga
    where TDb : ServiceDb
{
    public void Probe(ProbeContext context) => context.Add("persistence", typeof(TDb).Name);

    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class => next.Send(new StoredSagaContext<T>(context, db, factory));

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class => throw new NotSupportedException($"{typeof(TSaga).Name}: correlate events by id, not by query.");

    public Task<T> Execute<T>(Func<LoadSagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken)
        where T : class => asyncMethod(new ReadContext(db, cancellationToken));

    private sealed class ReadContext(TDb db, CancellationToken cancellationToken)
        : BasePipeContext(cancellationToken), LoadSagaRepositoryContext<TSaga>
    {
        public Task<TSaga> Load(Guid correlationId) =>
            db.Set<TSaga>().AsNoTracking().SingleOrDefaultAsync(s => s.CorrelationId == correlationId, CancellationToken)!;
    }

    private sealed class StoredSagaContext<T>(ConsumeContext<T> context, TDb db, ISagaConsumeContextFactory<TDb, TSaga> factory)
        : ConsumeContextScope<T>(context), SagaRepositoryContext<TSaga, T>
        where T : class
    {
        private readonly ConsumeContext<T> _context = context;

        public Task<SagaConsumeContext<TSaga, TMessage>> CreateSagaConsumeContext<TMessage>(
            ConsumeContext<TMessage> consumeContext, TSaga instance, SagaConsumeContextMode mode)
            where TMessage : class => factory.CreateSagaConsumeContext(db, consumeContext, instance, mode);

        public Task<SagaConsumeContext<TSaga, T>> Add(TSaga instance) =>
            factory.CreateSagaConsumeContext(db, _context, instance, SagaConsumeContextMode.Add);

        // Nothing is inserted ahead of the commit; core falls back to load, then add.
        public Task<SagaConsumeContext<TSaga, T>> Insert(TSaga instance) => Task.FromResult<SagaConsumeContext<TSaga, T>>(null!);

        public async Task<SagaConsumeContext<TSaga, T>> Load(Guid correlationId) =>
            await db.Set<TSaga>().SingleOrDefaultAsync(s => s.CorrelationId == correlationId, CancellationToken) is { } saga
                ? await factory.CreateSagaConsumeContext(db, _context, saga, SagaConsumeContextMode.Load)
                : null!;

        public Task Save(SagaConsumeContext<TSaga> saga)
        {
            db.Set<TSaga>().Add(saga.Saga);
            return Task.CompletedTask;
        }

        public Task Update(SagaConsumeContext<TSaga> saga) => Task.CompletedTask;

        public Task Delete(SagaConsumeContext<TSaga> saga)
        {
            db.Set<TSaga>().Remove(saga.Saga);
            return Task.CompletedTask;
        }

        public Task Discard(SagaConsumeContext<TSaga> saga) => Task.CompletedTask;

        public Task Undo(SagaConsumeContext<TSaga> saga) => Task.CompletedTask;
    }
}

internal static class SagaStoreRegistration
{
    public static ISagaRegistrationConfigurator<TSaga> StoredIn<TSaga, TDb>(this ISagaRegistrationConfigurator<TSaga> saga)
        where TSaga : class, ISaga
        where TDb : ServiceDb => saga.Repository(repository =>
        {
            repository.RegisterLoadSagaRepository<TSaga, SagaStore<TSaga, TDb>>();
            repository.RegisterSagaRepository<TSaga, TDb, SagaConsumeContextFactory<TDb, TSaga>, SagaStore<TSaga, TDb>>();
        });
}
