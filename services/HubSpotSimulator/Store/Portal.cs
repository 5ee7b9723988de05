namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>One HubSpot account. Everything in it is read and written under <see cref="Gate"/>.</summary>
public sealed class Portal
{
    private readonly Dictionary<ObjectType, RecordTable> _tables;
    private readonly Dictionary<ObjectType, PropertyRegistry> _properties =
        ObjectType.All.ToDictionary(t => t, _ => new PropertyRegistry());
    private readonly Dictionary<ObjectType, List<Pipeline>> _pipelines = ObjectType.All.ToDictionary(t => t, _ => new List<Pipeline>());

    private const string ExternalOrderId = "hs_external_order_id";

    private readonly string _orderPipelineId;
    private volatile PortalSwitches _switches;

    internal Portal(PortalOptions options, TimeSpan searchIndexDelay, DateTimeOffset now)
    {
        _tables = ObjectType.All.ToDictionary(t => t, t => new RecordTable(t, searchIndexDelay));
        Id = options.Id;
        Name = options.Name;
        TimeZoneName = options.TimeZone;
        TimeZone = ZoneOf(options);
        Currencies = [options.Currency, .. options.AdditionalCurrencies];
        CreatedAt = now;
        _switches = options.Switches;
        foreach (var type in ObjectType.All)
        {
            StandardProperties.AddTo(Properties(type), type, Currencies, now);
            Pipelines(type).AddRange(StandardPipelines.Of(type, now));
        }

        _orderPipelineId = Pipelines(ObjectType.Orders)[0].Id;
        Heed(now);
    }

    public long Id { get; }

    public string Name { get; }

    /// <summary>As account-info shows it.</summary>
    public string TimeZoneName { get; }

    public TimeZoneInfo TimeZone { get; }

    /// <summary>The account's own currency first.</summary>
    public IReadOnlyList<string> Currencies { get; }

    public DateTimeOffset CreatedAt { get; internal set; }

    /// <summary>Settable at any time.</summary>
    public PortalSwitches Switches => _switches;

    internal Lock Gate { get; } = new();

    /// <summary>Addresses of contacts that were deleted for good.</summary>
    internal HashSet<string> Blocklist { get; } = [];

    internal AssociationTable Associations { get; } = new();

    /// <summary>The live records of a type, oldest first.</summary>
    public IReadOnlyList<CrmRecord> Records(string type)
    {
        lock (Gate)
        {
            var known = ObjectType.Find(type) ?? throw new ArgumentException($"HubSpot has no type '{type}' here.", nameof(type));
            return [.. Table(known).Live];
        }
    }

    internal void Set(PortalSwitches switches, DateTimeOffset now)
    {
        lock (Gate)
        {
            _switches = switches;
            Heed(now);
        }
    }

    internal RecordTable Table(ObjectType type) => _tables[type];

    /// <summary>Deletes for good what has been in the recycle bin for longer than HubSpot keeps it; true when there was any.</summary>
    internal bool EmptyBins(DateTimeOffset now)
    {
        var any = false;
        lock (Gate)
        {
            foreach (var (type, table) in _tables)
            {
                foreach (var id in table.EmptyBin(now))
                {
                    Associations.Erase(type, id);
                    any = true;
                }
            }
        }

        return any;
    }

    internal PropertyRegistry Properties(ObjectType type) => _properties[type];

    internal List<Pipeline> Pipelines(ObjectType type) => _pipelines[type];

    /// <summary>When the account's next day begins, and the count of its calls with it.</summary>
    internal DateTimeOffset NextMidnight(DateTimeOffset now)
    {
        var midnight = TimeZoneInfo.ConvertTime(now, TimeZone).Date.AddDays(1);
        return new DateTimeOffset(midnight, TimeZone.GetUtcOffset(midnight));
    }

    /// <summary>False for a property that was made a moment ago.</summary>
    internal bool Shows(PropertyDefinition property, DateTimeOffset now) =>
        property.HubSpotDefined || now >= property.CreatedAt.AddMilliseconds(_switches.PropertiesAppearAfterMilliseconds);

    // Debian keeps the older names, such as the usual one of US accounts, in a package of their own.
    private static TimeZoneInfo ZoneOf(PortalOptions options) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone == "US/Eastern" ? "America/New_York" : options.TimeZone, out var zone)
            ? zone
            : throw new ArgumentException(
                $"Simulator:Portals: account {options.Id} is in the time zone '{options.TimeZone}', which this machine does not know. "
                + "Correct the name, or install the time zone database (tzdata).", nameof(options));

    /// <summary>What the switches say of properties and pipelines is there to see, such as unique properties that another app has taken.</summary>
    private void Heed(DateTimeOffset now)
    {
        foreach (var type in ObjectType.All)
        {
            Properties(type).TakeUnique(_switches.UniquePropertiesTaken.Contains(type.Plural), now);
            Properties(type).Hide(_switches.PropertiesMissing.GetValueOrDefault(type.Plural, []));
        }

        var orders = Properties(ObjectType.Orders);
        orders.Put(orders.Known(ExternalOrderId) with { HasUniqueValue = _switches.ExternalOrderIdIsUnique });
        if (_switches.ExternalOrderIdIsUnique)
        {
            Table(ObjectType.Orders).AddKey(ExternalOrderId);
        }
        else
        {
            Table(ObjectType.Orders).RemoveKey(ExternalOrderId);
        }

        var pipelines = Pipelines(ObjectType.Orders);
        pipelines[0] = pipelines[0] with { Id = _switches.OrderPipelineId ?? _orderPipelineId };
    }
}
