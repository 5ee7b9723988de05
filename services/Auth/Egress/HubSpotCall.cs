using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Egress;

/// <summary>A call that a service wants made.</summary>
public sealed record HubSpotCall
{
    public required string Method { get; init; }

    public required EgressPath Path { get; init; }

    public Lane Lane { get; init; } = Lane.Live;

    public byte[]? Body { get; init; }

    public string? ContentType { get; init; }

    public CallKind Kind => new(Lane, Path.Kind(Method));

    public bool MayRepeat => Path.MayRepeat(Method);

    public HttpRequestMessage Request(Uri apiUrl, string apiVersion, Secret token)
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), new Uri(apiUrl, Path.At(apiVersion)));
        message.Headers.Authorization = new("Bearer", token.Reveal());
        message.Headers.Accept.Add(new("application/json"));
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType ?? "application/json");
        }

        return message;
    }
}
