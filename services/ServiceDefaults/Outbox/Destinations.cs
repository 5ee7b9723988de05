using MassTransit;

namespace HubSpotBus.ServiceDefaults.Outbox;

/// <summary>Says where a message goes, a name for each row that the outbox keeps of it.</summary>
public interface IDestinations
{
    IEnumerable<string> Of<T>(SendContext<T> context)
        where T : class;
}

/// <summary>RabbitMQ: one row, for the exchange; the broker knows who is bound to it.</summary>
internal sealed class Exchanges : IDestinations
{
    public IEnumerable<string> Of<T>(SendContext<T> context)
        where T : class => [context.DestinationAddress!.QueueName()];
}

internal static class Destination
{
    /// <summary>Name of the receive endpoint or the exchange behind an address.</summary>
    public static string QueueName(this Uri address) => Uri.UnescapeDataString(address.AbsolutePath[(address.AbsolutePath.LastIndexOf('/') + 1)..]);

    /// <summary>The name of a message's exchange has a colon ("Namespace:Type"), the name of an endpoint has none.</summary>
    public static bool IsEndpoint(this Uri? address) => address is not null && !address.QueueName().Contains(':', StringComparison.Ordinal);
}
