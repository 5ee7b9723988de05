namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>Where the app's webhooks go, and how badly. One app, so one set for all accounts. Never changed in place.</summary>
public sealed record WebhookSettings
{
    private static readonly int[] UsualDelays = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000];
    private static readonly string[] Types = ["object", "contact", "company", "deal", "product", "line_item"];
    private static readonly string[] Events = ["creation", "deletion", "propertyChange", "merge", "restore", "associationChange"];
    private static readonly string[] Unknown = ["hs_lastmodifieddate", "num_unique_conversion_events"];

    /// <summary>The whole address, as the signature has it; without it nothing is sent.</summary>
    public Uri? TargetUrl { get; init; }

    public IReadOnlyList<WebhookSubscription> Subscriptions { get; init; } = [];

    /// <summary>How many requests of one account are under way at most.</summary>
    public int MaxConcurrentRequests { get; init; } = 10;

    /// <summary>When the address was given, and given again, by the API.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>How many events one request carries at most.</summary>
    public int MostEvents { get; init; } = 100;

    public int TimeoutMilliseconds { get; init; } = 5000;

    /// <summary>The pause before each further attempt, one for each; without them ten, growing to ten minutes.</summary>
    public IReadOnlyList<int>? RetryDelaysMilliseconds { get; init; }

    /// <summary>Every request is sent twice.</summary>
    public bool Doubles { get; init; }

    /// <summary>The last event comes first.</summary>
    public bool Reverses { get; init; }

    /// <summary>The highest id of a subscription that was deleted.</summary>
    internal int LastDeletedId { get; init; }

    internal IReadOnlyList<int> Delays => RetryDelaysMilliseconds ?? UsualDelays;

    /// <summary>What is wrong with these settings, if anything is.</summary>
    public string? Problem()
    {
        if (TargetUrl is { IsAbsoluteUri: false })
        {
            return "targetUrl must be a whole address";
        }

        if (MaxConcurrentRequests is <= 5 or > 10)
        {
            return "maxConcurrentRequests is 6 to 10";
        }

        if (MostEvents is < 1 or > 100)
        {
            return "mostEvents is 1 to 100";
        }

        var ids = Subscriptions.Select(s => s.Id).Where(id => id != 0).ToList();
        if (ids.Distinct().Count() < ids.Count)
        {
            return "no two subscriptions have the same id";
        }

        return Subscriptions.Select(Problem).OfType<string>().FirstOrDefault();
    }

    /// <summary>Subscriptions without an id get one that none has, and none had.</summary>
    internal WebhookSettings Numbered()
    {
        var last = Subscriptions.Select(s => s.Id).Append(LastDeletedId).Max();
        return this with { Subscriptions = [.. Subscriptions.Select(s => s.Id == 0 ? s with { Id = ++last } : s)] };
    }

    internal WebhookSettings With(WebhookSubscription subscription) =>
        (this with { Subscriptions = [.. Subscriptions, subscription] }).Numbered();

    /// <summary>With this one in the place of its former self.</summary>
    internal WebhookSettings Changed(WebhookSubscription subscription) =>
        this with { Subscriptions = [.. Subscriptions.Select(s => s.Id == subscription.Id ? subscription : s)] };

    internal WebhookSettings Without(WebhookSubscription subscription) => this with
    {
        Subscriptions = [.. Subscriptions.Where(s => s.Id != subscription.Id)],
        LastDeletedId = Math.Max(LastDeletedId, subscription.Id),
    };

    internal static string? Problem(WebhookSubscription subscription) => subscription.SubscriptionType.Split('.') switch
    {
        ["contact", "privacyDeletion"] => null,
        [var type, var happened] when !Types.Contains(type) || !Events.Contains(happened) =>
            $"{type}.{happened} is no type of subscription",
        ["object", _] when subscription.ObjectTypeId is null => "a subscription to object.* needs an objectTypeId",
        ["product", "associationChange"] => "products are associated with nothing",
        [_, _] when Unknown.Contains(subscription.PropertyName) => $"{subscription.PropertyName} cannot be subscribed to",
        [_, _] => null,
        _ => $"{subscription.SubscriptionType} is no type of subscription",
    };
}

/// <summary>
/// <c>SubscriptionType</c> is e.g. <c>contact.propertyChange</c> or, with <c>ObjectTypeId</c>, <c>object.creation</c>; orders have the
/// generic form only. Without a property name, all properties.
/// </summary>
public sealed record WebhookSubscription
{
    public int Id { get; init; }

    public string SubscriptionType { get; init; } = "";

    public string? ObjectTypeId { get; init; }

    public string? PropertyName { get; init; }

    public bool Active { get; init; } = true;

    /// <summary>When it was made, and changed, by the API.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }
}
