using System.Collections.Concurrent;
using System.Net;
using System.Text;
using HubSpotBus.Auth.Tokens;

namespace HubSpotBus.Auth.Tests;

public sealed record SeenCall(string Method, string Path, string? Token, string Body, string? ContentType);

/// <summary>Stands in HubSpot's place behind the egress: says what it is told to say and remembers what it was asked.</summary>
public sealed class ScriptedHubSpot : HttpMessageHandler
{
    public const long Account = 4711;
    private readonly ConcurrentQueue<SeenCall> _seen = new();
    private int _tokens;

    /// <summary>The answer to an ordinary call; null: 200 with an empty object.</summary>
    public Func<SeenCall, Task<HttpResponseMessage?>> Answer { get; set; } = _ => Task.FromResult<HttpResponseMessage?>(null);

    /// <summary>The answer to a token request; null: tokens.</summary>
    public Func<SeenCall, Task<HttpResponseMessage?>> TokenAnswer { get; set; } = _ => Task.FromResult<HttpResponseMessage?>(null);

    /// <summary>The answer to a revocation.</summary>
    public Func<HttpResponseMessage> RevokeAnswer { get; set; } = Status(204, "");

    public long AccountId { get; set; } = Account;

    /// <summary>What the tokens are granted for.</summary>
    public string Scopes { get; set; } = HubSpotAppOptions.DefaultScopes;

    public IReadOnlyList<SeenCall> Seen => [.. _seen];

    /// <summary>Every header that came, as "Name: value".</summary>
    public ConcurrentQueue<string> Headers { get; } = new();

    /// <summary>The hosts that were asked.</summary>
    public ConcurrentQueue<string> Hosts { get; } = new();

    public IReadOnlyList<SeenCall> Calls => [.. _seen.Where(c => !c.Path.StartsWith("/oauth", StringComparison.Ordinal) && !c.Path.StartsWith("/account", StringComparison.Ordinal))];

    public IReadOnlyList<SeenCall> TokenRequests => [.. _seen.Where(c => c.Path.EndsWith("/token", StringComparison.Ordinal))];

    public IReadOnlyList<SeenCall> Revocations => [.. _seen.Where(c => c.Path.EndsWith("/revoke", StringComparison.Ordinal))];

    /// <summary>Answers in this order; the last one for ever after.</summary>
    public void Says(params Func<HttpResponseMessage>[] answers)
    {
        var next = -1;
        Answer = _ => Task.FromResult<HttpResponseMessage?>(answers[Math.Min(Interlocked.Increment(ref next), answers.Length - 1)]());
    }

    public static Func<HttpResponseMessage> Status(int status, string body = "{}", int? retryAfter = null) => () =>
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (retryAfter is { } seconds)
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        return response;
    };

    public static Func<HttpResponseMessage> Breaks(HttpRequestError how = HttpRequestError.ResponseEnded) =>
        () => throw new HttpRequestException(how);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = new SeenCall(
            request.Method.Method,
            request.RequestUri!.PathAndQuery,
            request.Headers.Authorization?.Parameter,
            request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken),
            request.Content?.Headers.ContentType?.ToString());
        _seen.Enqueue(call);
        Hosts.Enqueue(request.RequestUri.Authority);
        foreach (var (name, values) in request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? []))
            Headers.Enqueue($"{name}: {string.Join(',', values)}");
        return call.Path switch
        {
            _ when call.Path.EndsWith("/revoke", StringComparison.Ordinal) => RevokeAnswer(),
            _ when call.Path.EndsWith("/token", StringComparison.Ordinal) => await TokenAnswer(call) ?? Tokens(),
            _ when call.Path.EndsWith("/access-token-info", StringComparison.Ordinal) => Status(200, $$"""
                {"userId":1,"hubId":{{AccountId}},"appId":2,"scopes":["{{Scopes.Replace(" ", "\",\"", StringComparison.Ordinal)}}"]}
                """)(),
            _ when call.Path.StartsWith("/account-info", StringComparison.Ordinal) => await Answer(call)
                ?? Status(200, $$"""{"portalId":{{AccountId}},"companyCurrency":"EUR","additionalCurrencies":["USD"],"timeZone":"Europe/Berlin"}""")(),
            _ => await Answer(call) ?? Status(200)(),
        };
    }

    private HttpResponseMessage Tokens()
    {
        var number = Interlocked.Increment(ref _tokens);
        return Status(200, $$"""
            {"access_token":"access-token-number-{{number}}","refresh_token":"refresh-token-number-{{number}}","expires_in":1800,
             "hub_id":{{AccountId}},"scopes":["{{Scopes.Replace(" ", "\",\"", StringComparison.Ordinal)}}"]}
            """)();
    }
}
