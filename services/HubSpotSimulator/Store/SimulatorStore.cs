using System.Collections.Concurrent;
using HubSpotBus.HubSpotSimulator.Webhooks;

namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>Everything the simulator knows: portals with their records, and who may see them.</summary>
public sealed class SimulatorStore
{
    private const long FirstId = 171_500_000_000;

    private readonly TimeProvider _time;
    private readonly SimulatorOptions _options;
    private readonly Lock _webhooksGate = new();
    private volatile WebhookSettings _webhooks = new();
    private ConcurrentDictionary<long, Portal> _portals = [];
    private long _lastId = FirstId;
    private long _version;

    public SimulatorStore(SimulatorOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        Grants = new Grants(options, time);
        Reset();
    }

    public IReadOnlyCollection<Portal> Portals => [.. _portals.Values.OrderBy(p => PlaceOf(p.Id))];

    /// <summary>Where the app's webhooks go.</summary>
    public WebhookSettings Webhooks
    {
        get => _webhooks;
        set => ChangeWebhooks(_ => value);
    }

    internal WebhookSettings ChangeWebhooks(Func<WebhookSettings, WebhookSettings> change)
    {
        lock (_webhooksGate)
        {
            return _webhooks = change(_webhooks);
        }
    }

    /// <summary>What goes into the app's journal.</summary>
    internal JournalSubscriptions Journaled { get; } = new();

    internal Grants Grants { get; }

    internal SimulatorOptions Options => _options;

    internal DateTimeOffset Now
    {
        get
        {
            // HubSpot's stamps have milliseconds, and what a client compares must be what the store compares.
            var now = _time.GetUtcNow();
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
        }
    }

    /// <summary>Grows with every change; the state file is written when it has.</summary>
    internal long Version => Interlocked.Read(ref _version);

    public Portal Portal(long id) => Find(id) ?? throw new ArgumentException($"There is no portal {id} here.", nameof(id));

    internal Portal? Find(long portalId) => _portals.GetValueOrDefault(portalId);

    /// <summary>Back to new accounts; tokens and grants are forgotten too.</summary>
    public void Reset()
    {
        _portals = new(_options.PortalsOrDefault().Select(p => KeyValuePair.Create(p.Id, new Store.Portal(p, _options.SearchIndexDelay, Now))));
        Grants.Clear();
        Webhooks = _options.Webhooks.Numbered();
        Journaled.Remove(_ => true);
        Touch();
    }

    internal string NextId() => Interlocked.Increment(ref _lastId).ToString();

    internal void Touch() => Interlocked.Increment(ref _version);

    internal long LastId
    {
        get => Interlocked.Read(ref _lastId);
        set => Interlocked.Exchange(ref _lastId, value);
    }

    private int PlaceOf(long portalId) => _options.PortalsOrDefault().Select(p => p.Id).ToList().IndexOf(portalId);
}
