using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Egress;

/// <summary>A call that a service wants made.</summary>
public sealed record HubSpotCall
{
    private static readonly TimeSpan _lookAgain = TimeSpan.FromSeconds(10);

    public required EgressPath Path { get; init; }

    public Lane Lane { get; init; } = Lane.Live;

    public byte[]? Body { get; init; }

    public string? ContentType { get; init; }

    /// <summary>Whose account has to be known before the call goes out; null for the call that asks which account it is.</summary>
    public LiveConnection? InAccountOf { get; init; }

    public CallKind Kind => new(Lane, Path.Kind);

    public bool MayRepeat => Path.MayRepeat;

    public HttpRequestMessage Request(Uri apiUrl, string apiVersion, Secret token)
    {
        // Here, at the last moment: the call may have waited, or have been tried before, while other tokens took the place of those it began with.
        if (InAccountOf is { View.AccountUnproven: true })
            throw new CallThrottledException("It is not known yet which HubSpot account the new token belongs to; connecting finds out.", _lookAgain);

        var message = new HttpRequestMessage(new HttpMethod(Path.Method), new Uri(apiUrl, Path.At(apiVersion)));
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
