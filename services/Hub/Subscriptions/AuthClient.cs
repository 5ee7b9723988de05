using System.Net;
using HubSpotBus.Contracts.Connections;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Hub.Subscriptions;

/// <summary>Asks Auth, with the key that is for what is asked.</summary>
internal sealed class AuthClient(HttpClient http)
{
    public static void Configure(IServiceProvider provider, HttpClient http)
    {
        var options = provider.GetRequiredService<IOptions<ConnectOptions>>().Value;
        http.BaseAddress = options.BaseAddress;
        http.Timeout = TimeSpan.FromSeconds(60);
    }

    /// <summary>The answer; null when Auth cannot be asked just now.</summary>
    public async Task<T?> ReadAsync<T>(string path, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadFromJsonAsync<T>(cancellationToken) : null;
        }
        catch (Exception failure) when (IsNotReached(failure, cancellationToken))
        {
            return null;
        }
    }

    /// <summary>Null when it was done; Auth's refusal otherwise, in its words.</summary>
    public async Task<IResult?> RefusalAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            using var response = await http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode ? null : await RefusalOfAsync(response, cancellationToken);
        }
        catch (Exception failure) when (IsNotReached(failure, cancellationToken))
        {
            return NotReached();
        }
    }

    /// <summary>Auth's answer, or its refusal in its words.</summary>
    public async Task<IResult> AskAsync<T>(HttpMethod method, string path, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            using var response = await http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode
                ? Results.Ok(await response.Content.ReadFromJsonAsync<T>(cancellationToken))
                : await RefusalOfAsync(response, cancellationToken);
        }
        catch (Exception failure) when (IsNotReached(failure, cancellationToken))
        {
            return NotReached();
        }
    }

    public static IResult NotReached() => Results.Problem("Auth could not be reached. Try again in a moment.", statusCode: 503);

    // An answer that does not come in time looks like a caller who has gone, to whom nothing need be said any more.
    private static bool IsNotReached(Exception failure, CancellationToken cancellationToken) =>
        failure is HttpRequestException || (failure is TaskCanceledException && !cancellationToken.IsCancellationRequested);

    private static async Task<IResult> RefusalOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        return status is 400 or 409 or 503 && await response.Content.ReadFromJsonAsync<ProblemDetails>(cancellationToken) is { Detail: { } detail }
            ? Results.Problem(detail, statusCode: status)
            : Results.Problem($"Auth answered {status}. Look into its log.", statusCode: 502);
    }

    public sealed class ShowKey(IOptions<ConnectOptions> options) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add(ServiceKeys.Header, ServiceKeys.For(options.Value.ServiceKey!.Reveal(), request.RequestUri!));
            return base.SendAsync(request, cancellationToken);
        }
    }
}
