using HubSpotBus.Auth.Tokens;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Egress;

/// <summary>
/// One try of one call: permit, request, answer read to its end, permit back. Everything that leaves for HubSpot leaves here,
/// so that it is counted and within the limits.
/// </summary>
public sealed class HubSpotAttempts(
    IHttpClientFactory http, Throttle throttle, HubSpotLimits limits, IOptions<EgressOptions> options, IOptions<HubSpotAppOptions> app,
    EgressMeter meter, TimeProvider time)
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

    /// <summary>
    /// The request is made once the permit is there, for much may have changed while it was waited for; null when there is nothing to be
    /// asked any more. What the answer means for those who wait is seen to before they get the permit.
    /// </summary>
    public async Task<Attempt?> TryAsync(
        LiveConnection connection, CallKind call, bool search, Func<ValueTask<HttpRequestMessage?>> request, CancellationToken cancellation,
        Func<Attempt, ValueTask>? answered = null, TimeSpan? patience = null)
    {
        using var permit = await EnterAsync(connection, call, search, patience ?? Patience, cancellation);
        using var message = await MakeAsync(request, permit);
        if (message is null)
            return null;
        meter.Called(connection, call);
        try
        {
            var attempt = await SendAsync(message, cancellation);
            Heed(connection, call, attempt, search);
            if (answered is not null)
                await answered(attempt);
            return attempt;
        }
        finally
        {
            connection.Counts.Ends(call);
        }
    }

    /// <summary>How long a call waits for its permit.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(options.Value.PatienceSeconds);

    // What is not sent after all takes nothing of the limits.
    private async Task<HttpRequestMessage?> MakeAsync(Func<ValueTask<HttpRequestMessage?>> request, Permit permit)
    {
        HttpRequestMessage? made = null;
        try
        {
            var message = await request();
            if (message is not null)
                RefuseElsewhere(message);
            return made = message;
        }
        finally
        {
            if (made is null)
                permit.GiveBack();
        }
    }

    // Here as well, where nothing goes round it: the API URL may have changed since somebody looked, and whatever is asked bears a secret.
    private void RefuseElsewhere(HttpRequestMessage message)
    {
        var there = new Uri(message.RequestUri!, "/");
        if (!app.Value.AllowsApiUrl(there))
            throw new ConnectionPausedException($"The API URL {there} is not one that tokens may be sent to. Correct it in the subscription's settings.");
    }

    private async Task<Permit> EnterAsync(LiveConnection connection, CallKind call, bool search, TimeSpan patience, CancellationToken cancellation)
    {
        connection.Counts.Waits(call);
        try
        {
            return await throttle.EnterAsync(connection.Line, call.Lane, search, patience, cancellation);
        }
        catch (CallThrottledException)
        {
            meter.GaveUpWaiting(connection, call);
            throw;
        }
        finally
        {
            connection.Counts.WaitsNoMore(call);
        }
    }

    /// <summary>One request without a permit: of use only where no subscription's account is asked.</summary>
    public async Task<Attempt> SendAsync(HttpRequestMessage message, CancellationToken cancellation)
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
    private void Heed(LiveConnection connection, CallKind call, Attempt attempt, bool search)
    {
        var line = connection.Line;
        if (attempt.LimitMax is { } max && limits.Hear(line.Account, connection.View, max, attempt.LimitInterval) is var (calls, length))
            throttle.Change(_ => line.Account.Set(calls, length, null));
        if (attempt.LimitRemaining is { } remaining)
            throttle.Change(now => line.Account.Correct(remaining, now));
        if (attempt.DailyRemaining == 0)
            throttle.Change(now => line.Account.CloseFor(RateLimitRefusal.RestOfDay(connection.View.TimeZone, time.GetUtcNow()), now));
        if (attempt.Status != 429)
            return;
        meter.RefusedFor429(connection, call);
        var refusal = RateLimitRefusal.Read(attempt);
        var closed = search && !refusal.TenSecondly && !refusal.Daily ? line.Search : line.Account;
        throttle.Change(now => closed.CloseFor(refusal.Wait, now));
    }
}
