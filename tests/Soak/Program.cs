using HubSpotBus.Soak;

// make soak [MINUTES=10] [SECONDS=60] [SEED=...], make bench-egress [CALLS=5000], and make bench-webhooks
return args switch
{
    ["overhead", .. var more] => await Overhead.RunAsync(more is [var calls] ? int.Parse(calls, null) : 5000),
    ["webhooks"] => await Deliveries.RunAsync(),
    ["soak", .. var more] => await Soaking.RunAsync(
        more.Length > 0 ? double.Parse(more[0], null) : 10, more.Length > 1 ? int.Parse(more[1], null) : 60, more.Length > 2 ? int.Parse(more[2], null) : 20261126),
    _ => throw new ArgumentException("soak [MINUTES [SECONDS [SEED]]], overhead [CALLS], or webhooks"),
} ? 0 : 1;
