using System.Net;
using HubSpotBus.HubSpot.Errors;
using Refit;

namespace HubSpotBus.HubSpot;

/// <summary>Turns what came back from the egress into an answer or a named exception.</summary>
internal static class HubSpotAnswers
{
    private const string EgressHeader = "X-HubSpotBus-Egress";
    private const string EarlierHeader = "X-HubSpotBus-Earlier";

    /// <summary>Makes the call; a lost connection is an unavailable HubSpot.</summary>
    public static async Task<TAnswer> CallAsync<TAnswer>(Func<Task<TAnswer>> call, CancellationToken cancellationToken)
        where TAnswer : IApiResponse
    {
        CallScope.ThrowIfTooLate();
        try
        {
            var answer = await call();
            if (answer.Headers?.Contains(EarlierHeader) == true)
                LateWrites.Note();
            await ThrowUnlessAboutTheRecordsAsync(answer);
            return answer;
        }
        catch (HttpRequestException lost)
        {
            LateWrites.Note();
            throw new HubSpotUnavailableException(lost.Message, cause: lost);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            LateWrites.Note();
            throw new HubSpotUnavailableException("no answer in time", cause: late) { TookTooLong = true };
        }
    }

    /// <summary>The answer's content; a refusal becomes an exception.</summary>
    public static T ContentOrThrow<T>(this IApiResponse<T> answer)
        where T : class => answer.IsSuccessStatusCode && answer.Content is { } content
            ? content
            : throw new HubSpotRejectedException(ErrorParser.Parse(answer.BodyOfError(), (int)answer.StatusCode.GetValueOrDefault()));

    public static string? BodyOfError(this IApiResponse answer) => (answer.Error as ApiException)?.Content;

    private static Task ThrowUnlessAboutTheRecordsAsync(IApiResponse answer)
    {
        var retryAfter = answer.Headers?.RetryAfter?.Delta;
        var egress = answer.Headers is { } headers && headers.TryGetValues(EgressHeader, out var values) ? values.First() : null;
        var status = answer.StatusCode.GetValueOrDefault();
        var body = answer.BodyOfError();
        return (egress, (int)status) switch
        {
            ("paused", _) => throw new HubSpotConnectionException(ErrorParser.Parse(body, (int)status).Message, retryAfter),
            ("throttled", _) or (_, (int)HttpStatusCode.TooManyRequests) => throw new HubSpotThrottledException(retryAfter),
            // HubSpot's own is the connection's end, which the egress says as "paused": this one is about our key.
            (_, (int)HttpStatusCode.Unauthorized) => throw new HubSpotThrottledException(
                "Auth does not take this service's key. Give all services the same Egress:ServiceKey and version."),
            (_, (int)HttpStatusCode.Forbidden) => throw new HubSpotMissingScopeException(ErrorParser.RequiredScopes(body)),
            (_, (int)HttpStatusCode.GatewayTimeout or 524) => throw new HubSpotUnavailableException("no answer in time", retryAfter) { TookTooLong = true },
            (_, 423 or 477 or >= 500) => throw new HubSpotUnavailableException($"answer {(int)status}", retryAfter),
            (_, 0) => throw new HubSpotUnavailableException(answer.Error?.Message ?? "no answer"),
            _ => Task.CompletedTask,
        };
    }
}
