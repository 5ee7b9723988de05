using HubSpotBus.Auth.Tokens;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace HubSpotBus.Auth.Egress;

/// <summary>
/// The only way out to HubSpot: adds the token, keeps the limits, retries what may be retried, and pauses the connection when
/// HubSpot refuses it. Touches the store only when the connection's state changes.
/// </summary>
public sealed partial class HubSpotCalls
{
    private static readonly ResiliencePropertyKey<Asked> _asked = new("asked");
    private static readonly TimeSpan _movingUnsaid = TimeSpan.FromHours(1);
    private static readonly TimeSpan _leastPatience = TimeSpan.FromSeconds(1);

    private readonly LiveConnections _connections;
    private readonly AccessTokens _tokens;
    private readonly ConnectionHealth _health;
    private readonly HubSpotAttempts _attempts;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline<Attempt> _retries;

    public HubSpotCalls(
        LiveConnections connections, AccessTokens tokens, ConnectionHealth health, HubSpotAttempts attempts, EgressMeter meter,
        IOptions<EgressOptions> options, TimeProvider time, ILogger<HubSpotCalls> log)
    {
        (_connections, _tokens, _health, _attempts, _time) = (connections, tokens, health, attempts, time);
        _retries = Retries(options.Value, meter, time, log);
    }

    public async Task<EgressAnswer> CallAsync(Guid subscriptionId, HubSpotCall call, CancellationToken cancellation)
    {
        if (await _connections.FindAsync(subscriptionId, cancellation) is not { } connection)
            return EgressAnswer.Paused("The subscription is not known here yet. Save it in the hub again.", null);
        var asked = new Asked(connection, call, _time.GetTimestamp());
        var answer = await AnswerAsync(asked, cancellation);
        return answer with { EarlierMayCome = answer.EarlierMayCome || asked.EarlierMayCome };
    }

    private async Task<EgressAnswer> AnswerAsync(Asked asked, CancellationToken cancellation)
    {
        try
        {
            asked.Account = (await OpenAsync(asked.Connection, cancellation)).HubSpotAccountId;
            return await CallAsync(asked, cancellation);
        }
        catch (CallThrottledException throttled)
        {
            return EgressAnswer.Throttled(throttled.Message, throttled.RetryAfter);
        }
        catch (TokenNotRefreshedException failure)
        {
            return EgressAnswer.Throttled(failure.Message, TimeSpan.FromSeconds(10));
        }
        catch (ConnectionPausedException paused)
        {
            return EgressAnswer.Paused(paused.Message, paused.Until - _time.GetUtcNow());
        }
    }

    private async Task<EgressAnswer> CallAsync(Asked asked, CancellationToken cancellation)
    {
        var connection = asked.Connection;
        var (attempt, view) = await TryAsync(asked, cancellation);
        if (attempt.Status == 401 && !view.IsStatic)
        {
            if (await _tokens.RefreshAsync(connection, view.AccessToken, cancellation) == view.AccessToken)
                throw new TokenNotRefreshedException("HubSpot refused the access token and gave no new one");
            asked.Refreshed = true;
            (attempt, _) = await TryAsync(asked, cancellation);
        }

        return RetryRules.Conclude(attempt);
    }

    /// <summary>The last attempt, and the connection as it was when it was made.</summary>
    private async Task<(Attempt Attempt, ConnectionView View)> TryAsync(Asked asked, CancellationToken cancellation)
    {
        var view = asked.Connection.View;
        var context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(_asked, asked);
        try
        {
            var attempt = await _retries.ExecuteAsync(async _ =>
            {
                (var made, view) = await TryOnceAsync(asked, cancellation);
                return made;
            }, context);
            return (attempt, view);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    // The token is seen to before the wait for the permit, so that nobody waits in vain, and taken after it. One that expired meanwhile, as
    // when it could not be refreshed in time, is seen to again, without a permit in hand that the refresh itself may need.
    private async Task<(Attempt Attempt, ConnectionView View)> TryOnceAsync(Asked asked, CancellationToken cancellation)
    {
        var (connection, call) = (asked.Connection, asked.Call);
        for (TimeSpan? patience = null; ; patience = Longer(_attempts.Patience - _time.GetElapsedTime(asked.Since), _leastPatience))
        {
            await _tokens.CurrentAsync(connection, cancellation);
            var view = connection.View;
            var attempt = await _attempts.TryAsync(connection, call.Kind, call.Path.IsSearch, async () =>
            {
                await _connections.FindAsync(connection.SubscriptionId, cancellation);
                view = await OpenAsync(connection, cancellation);
                RefuseMoved(asked, view);
                return _tokens.Good(view) is { } token ? call.Request(view.ApiUrl, view.ApiVersion, token) : null;
            }, cancellation, answer => PauseAsync(asked, view, answer, cancellation), patience);
            if (attempt is not null)
                return (attempt, view);
        }
    }

    // Whoever heals a connection tells the world by the commit and memory a moment later: a refusal is looked up before it is said.
    private async ValueTask<ConnectionView> OpenAsync(LiveConnection connection, CancellationToken cancellation)
    {
        if (connection.View.Refusal(_time.GetUtcNow()) is not null)
            await _connections.ReloadAsync(connection.SubscriptionId, cancellation);
        var view = connection.View;
        return view.Refusal(_time.GetUtcNow()) is { } refusal ? throw new ConnectionPausedException(refusal, view.Until) : view;
    }

    // The ids in the call are those of the account that it was meant for.
    private static void RefuseMoved(Asked asked, ConnectionView view)
    {
        if (asked.Account is { } account && view.HubSpotAccountId != account)
            throw new CallThrottledException("The subscription was moved to another HubSpot account while the call waited.", _leastPatience);
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    // Whoever waits for this call's permit finds the connection paused already.
    private async ValueTask PauseAsync(Asked asked, ConnectionView view, Attempt attempt, CancellationToken cancellation)
    {
        if (attempt.Status == 401 && (view.IsStatic || asked.Refreshed))
        {
            throw await _health.PauseAsync(asked.Connection, view.Attempt, ConnectionState.Revoked,
                "HubSpot no longer accepts the token. Connect the subscription again.", null, cancellation);
        }

        if (attempt.Status == 403 && asked.Call.Path.IsAboutRecords && HubSpotMessage.RequiredScopes(attempt.Body) is { Count: > 0 } scopes)
        {
            throw await _health.PauseAsync(asked.Connection, view.Attempt, ConnectionState.Revoked,
                $"The connection lacks the scope {string.Join(", ", scopes)}. Add it to the HubSpot app or to the token, and connect the subscription again.", null, cancellation);
        }

        if (attempt.Status == 477)
        {
            var until = _time.GetUtcNow() + (attempt.RetryAfter ?? _movingUnsaid);
            throw await _health.PauseAsync(asked.Connection, view.Attempt, ConnectionState.Moving,
                $"HubSpot is moving the account to another data centre; it goes on by itself at {until:u}.", until, cancellation);
        }
    }

    private static ResiliencePipeline<Attempt> Retries(EgressOptions options, EgressMeter meter, TimeProvider time, ILogger log)
    {
        var builder = new ResiliencePipelineBuilder<Attempt> { TimeProvider = time };
        if (options.Attempts > 1)
        {
            builder.AddRetry(new RetryStrategyOptions<Attempt>
            {
                MaxRetryAttempts = options.Attempts - 1,
                Delay = TimeSpan.FromMilliseconds(options.RetryDelayMilliseconds),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result is { } attempt && InTime(args.Context, attempt)),
                DelayGenerator = args => ValueTask.FromResult(Judge(args.Context, args.Outcome.Result!).Pause),
                OnRetry = args =>
                {
                    var asked = Of(args.Context);
                    var (connection, call) = (asked.Connection, asked.Call);
                    asked.EarlierMayCome |= !call.Path.OnlyReads && RetryRules.MayBeDone(args.Outcome.Result!);
                    meter.Retried(connection, call.Kind);
                    TriedAgain(log, call.Path.Method, connection.SubscriptionId, args.Outcome.Result!, args.RetryDelay);
                    return default;
                },
            });
        }

        return builder.Build();

        bool InTime(ResilienceContext context, Attempt attempt) => Judge(context, attempt) is { Again: true, Pause: var pause }
            && time.GetElapsedTime(Of(context).Since) + pause.GetValueOrDefault() <= TimeSpan.FromSeconds(options.RetryForSeconds);
    }

    private static Asked Of(ResilienceContext context) => context.Properties.GetValue(_asked, null!);

    private static Retry Judge(ResilienceContext context, Attempt attempt) =>
        RetryRules.Judge(attempt, Of(context).Call.MayRepeat);

    private sealed class Asked(LiveConnection connection, HubSpotCall call, long since)
    {
        public LiveConnection Connection => connection;

        public HubSpotCall Call => call;

        public long Since => since;

        /// <summary>The account that the call was meant for; null while it is not known.</summary>
        public long? Account { get; set; }

        /// <summary>HubSpot refused the token once, and there is a new one.</summary>
        public bool Refreshed { get; set; }

        public bool EarlierMayCome { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} of {SubscriptionId} is tried again after {Pause}: {What}")]
    private static partial void TriedAgain(ILogger log, string method, Guid subscriptionId, Attempt what, TimeSpan pause);
}
