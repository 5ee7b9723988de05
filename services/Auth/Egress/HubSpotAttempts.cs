using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Egress;

/// <summary>
/// One try of one call: permit, request, answer read to its end, permit back. Everything that leaves for HubSpot leaves here,
/// so that it is counted and within the limits.
/// </summary>
public sealed class HubSpotAttempts(
    IHttpClientFactory http, Throttle throttle, HubSpotLimits limits, IOptions<EgressOptions> options, EgressMeter meter)
{
    public const string HttpClientName = "hubspot";
    private const int LargestAnswer = 64 * 1024 * 1024;

    /// <summary>No redirects and no cookies: the token goes where it is meant to and nowhere else.</summary>
    public static SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };

    public async Task<Attempt> TryAsync(
        LiveConnection connection, Lane lane, bool search, Func<HttpRequestMessage> request, CancellationToken cancellation)
    {
        using var permit = await EnterAsync(connection, lane, search, cancellation);
        meter.Called(connection, lane);
        using var message = request();
        var attempt = await SendAsync(message, cancellation);
        Heed(connection, attempt, search);
        return attempt;
    }

    private async Task<Permit> EnterAsync(LiveConnection connection, Lane lane, bool search, CancellationToken cancellation)
    {
        try
        {
            return await throttle.EnterAsync(connection.Line, lane, search, TimeSpan.FromSeconds(options.Value.PatienceSeconds), cancellation);
        }
        catch (CallThrottledException)
        {
            meter.GaveUpWaiting(connection, lane);
            throw;
        }
    }

    private async Task<Attempt> SendAsync(HttpRequestMessage message, CancellationToken cancellation)
    {
        using var client = http.CreateClient(HttpClientName);
        client.Timeout = TimeSpan.FromSeconds(options.Value.HubSpotTimeoutSeconds);
        client.MaxResponseContentBufferSize = LargestAnswer;
        try
        {
            using var response = await client.SendAsync(message, cancellation);
            return await Attempt.ReadAsync(response, cancellation);
        }
        catch (HttpRequestException failure)
        {
            var neverSent = failure.HttpRequestError
                is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;
            return new Attempt { Lost = neverSent ? Lost.NotSent : Lost.Broken };
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Attempt { Lost = Lost.TimedOut };
        }
    }

    // HubSpot's headers correct our count downward; a 429 closes the window it is about for everyone on the account.
    private void Heed(LiveConnection connection, Attempt attempt, bool search)
    {
        var line = connection.Line;
        if (attempt.LimitMax is { } max)
            throttle.Change(() => line.Account.Limit = limits.Lower(connection.View, max));
        if (attempt.LimitRemaining is { } remaining)
            throttle.Correct(line.Account, remaining);
        if (attempt.Status != 429)
            return;
        meter.RefusedFor429(connection);
        var refusal = RateLimitRefusal.Read(attempt);
        throttle.CloseFor(search && !refusal.TenSecondly && !refusal.Daily ? line.Search : line.Account, refusal.Wait);
    }
}
