using System.Diagnostics;
using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace HubSpotBus.ServiceDefaults.Outbox;

/// <summary>How outbox rows get to the transport, and when they go.</summary>
internal interface IHandover
{
    /// <summary>Hands over a page of due rows. True when there may be more.</summary>
    Task<bool> HandOverDueAsync(CancellationToken cancellationToken);
}

internal static class Handover
{
    public const string ActivitySourceName = "HubSpotBus.Outbox";
    public const int Page = 200;
    private static readonly ActivitySource Source = new(ActivitySourceName);
    private static readonly ContentType EnvelopeType = SystemTextJsonMessageSerializer.JsonContentType;

    /// <summary>Sends a row as the message that it was, in the trace that it belongs to.</summary>
    public static async Task SendAsync(this IBus bus, Uri address, OutboxMessage message, CancellationToken cancellationToken)
    {
        using var activity = message.TraceParent is null
            ? null
            : Source.StartActivity($"deliver {message.MessageType}", ActivityKind.Producer, message.TraceParent);
        var endpoint = await bus.GetSendEndpoint(address);
        await endpoint.Send(new SerializedMessageBody(), Pipe.Execute<SendContext>(context =>
        {
            context.MessageId = message.MessageId;
            context.Serializer = new CopyBodySerializer(EnvelopeType, new StringMessageBody(message.Envelope));
        }), cancellationToken);
    }
}
