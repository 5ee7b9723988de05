using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using HubSpotBus.Auth.Webhooks;
using Xunit;

namespace HubSpotBus.Auth.Tests.Webhooks;

/// <summary>A request of HubSpot's, signed as HubSpot signs it unless told otherwise.</summary>
internal sealed record AWebhook
{
    public const string Secret = "the-secret-of-the-app";

    public byte[] Body { get; init; } = Encoding.UTF8.GetBytes(Json(Event()));

    public string Text
    {
        init => Body = Encoding.UTF8.GetBytes(value);
    }

    public HttpMethod Method { get; init; } = HttpMethod.Post;

    /// <summary>Time between what the clock says and what the request says.</summary>
    public TimeSpan Off { get; init; }

    public string ContentType { get; init; } = "application/json; charset=utf-8";

    public string Query { get; init; } = "";

    /// <summary>Which signature it carries: v3, v2, v1, or none.</summary>
    public string? Version { get; init; } = "v3";

    /// <summary>The signature, where it is not the right one.</summary>
    public string? Signature { get; init; }

    /// <summary>The body that was signed, where it is another one than is sent.</summary>
    public byte[]? SignedBody { get; init; }

    public string SignedUrl { get; init; } = "http://bus.example/webhooks/hubspot";

    public static string Json(params object[] events) => JsonSerializer.Serialize(events, JsonSerializerOptions.Web);

    public static object Event(
        long objectId = 101, string type = "contact.propertyChange", long portalId = ScriptedHubSpot.Account, long eventId = 1, int attemptNumber = 0,
        long occurredAt = 1_750_000_000_123, string propertyName = "email", string propertyValue = "ann@example.com") => new
        {
            eventId, subscriptionId = 25, portalId, appId = 77, occurredAt, subscriptionType = type, attemptNumber, objectId, propertyName,
            propertyValue, changeSource = "CRM_UI", sourceId = "userId:9",
        };

    public async Task<HttpStatusCode> SendAsync(AuthUnderTest auth)
    {
        var (status, _) = await SendAndReadAsync(auth);
        return status;
    }

    public async Task<(HttpStatusCode Status, string Answer)> SendAndReadAsync(AuthUnderTest auth)
    {
        using var http = auth.Service.CreateClient();
        using var request = new HttpRequestMessage(Method, ReceiveWebhook.Path + Query);
        if (Method != HttpMethod.Get)
            request.Content = new ByteArrayContent(Body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(ContentType) } };
        Sign(request, (auth.Clock.GetUtcNow() + Off).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private void Sign(HttpRequestMessage request, string timestamp)
    {
        var signed = new SignedRequest { Method = Method.Method, Url = SignedUrl + Query, Body = SignedBody ?? Body, Timestamp = timestamp };
        if (Version == "v3")
        {
            request.Headers.Add(SignedRequest.V3Header, Signature ?? signed.SignV3(Secret));
            request.Headers.Add(SignedRequest.TimestampHeader, timestamp);
        }
        else if (Version is not null)
        {
            request.Headers.Add(SignedRequest.OldHeader, Signature ?? (Version == "v2" ? signed.SignV2(Secret) : signed.SignV1(Secret)));
            request.Headers.Add(SignedRequest.OldVersionHeader, Version);
        }
    }
}
