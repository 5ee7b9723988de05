using HubSpotBus.Auth.Tokens;
using HubSpotBus.ServiceDefaults;
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
        var now = _time.GetUtcNow();

        // Whoever heals a connection tells the world by the commit and memory a moment later: a refusal is looked up before it is said.
        if (connection.View.Refusal(now) is not null)
            await _connections.ReloadAsync(subscriptionId, cancellation);
        if (connection.View.Refusal(now) is { } refusal)
            return EgressAnswer.Paused(refusal, connection.View.Until - now);
        try
        {
            return await CallAsync(connection, call, cancellation);
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
            return EgressAnswer.Paused(paused.Message, paused.Until - now);
        }
    }

    private async Task<EgressAnswer> CallAsync(LiveConnection connection, HubSpotCall call, CancellationToken cancellation)
    {
        var attemptOfGrant = connection.View.Attempt;
        var asked = new Asked(connection, call, _time.GetTimestamp());
        var (attempt, token) = await TryAsync(asked, cancellation);
        if (attempt.Status == 401 && !connection.View.IsStatic)
        {
            if (await _tokens.RefreshAsync(connection, token, cancellation) == token)
                throw new TokenNotRefreshedException("HubSpot refused the access token and gave no new one");
            (attempt, _) = await TryAsync(asked, cancellation);
        }

        return attempt.Status switch
        {
            401 => throw await _health.PauseAsync(connection, attemptOfGrant, ConnectionState.Revoked,
                "HubSpot no longer accepts the token. Connect the subscription again.", null, cancellation),
            477 => throw await MovingAsync(connection, attemptOfGrant, attempt, cancellation),
            _ => RetryRules.Conclude(attempt),
        };
    }

    private async Task<(Attempt Attempt, Secret Token)> TryAsync(Asked asked, CancellationToken cancellation)
    {
        var (connection, call, _) = asked;
        Secret token = "";
        var context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(_asked, asked);
        try
        {
            var attempt = await _retries.ExecuteAsync(async _ =>
            {
                token = await _tokens.CurrentAsync(connection, cancellation);
                var view = connection.View;
                return await _attempts.TryAsync(
                    connection, call.Kind, call.Path.IsSearch, () => call.Request(view.ApiUrl, view.ApiVersion, token), cancellation);
            }, context);
            return (attempt, token);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async Task<ConnectionPausedException> MovingAsync(
        LiveConnection connection, int attemptOfGrant, Attempt attempt, CancellationToken cancellation)
    {
        var until = _time.GetUtcNow() + (attempt.RetryAfter ?? _movingUnsaid);
        return await _health.PauseAsync(connection, attemptOfGrant, ConnectionState.Moving,
            $"HubSpot is moving the account to another data centre; it goes on by itself at {until:u}.", until, cancellation);
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
                    var (connection, call, _) = Of(args.Context);
                    meter.Retried(connection, call.Kind);
                    TriedAgain(log, call.Method, connection.SubscriptionId, args.Outcome.Result!, args.RetryDelay);
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

    private sealed record Asked(LiveConnection Connection, HubSpotCall Call, long Since);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} of {SubscriptionId} is tried again after {Pause}: {What}")]
    private static partial void TriedAgain(ILogger log, string method, Guid subscriptionId, Attempt what, TimeSpan pause);
}
