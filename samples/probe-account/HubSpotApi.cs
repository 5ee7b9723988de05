using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace HubSpotBus.Samples.ProbeAccount;

/// <summary>One call after the other, within HubSpot's limits, and an eye on what they leave in the account.</summary>
internal class HubSpotApi(HttpClient http, string token, Func<TimeSpan, CancellationToken, Task> wait, CancellationToken stop)
{
    public const string Version = "2026-09";

    private const int MostAttempts = 10;

    private CancellationToken _stop = stop;

    public CancellationToken Stopping => _stop;

    public Uri Address => http.BaseAddress!;

    public int Calls { get; private set; }

    public SortedSet<string> MissingScopes { get; } = [];

    /// <summary>The first answer of each status that asks for patience: 429 and 423.</summary>
    public Dictionary<int, Answer> Refusals { get; } = [];

    public Made Made { get; } = new();

    public static string Objects(ObjectType type, string rest = "") => $"/crm/objects/{Version}/{type}{rest}";

    public static string Properties(ObjectType type, string rest = "") => $"/crm/properties/{Version}/{type}{rest}";

    /// <summary>An answer without which a fact cannot be asked.</summary>
    public static Answer Needed(Answer answer, string what) =>
        answer.IsSuccess ? answer : throw new NotAskedException($"Could not {what}: {answer.Said}: {answer.Telling}");

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>A dictionary is sent as a form, everything else as JSON.</summary>
    public Task<Answer> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> PatchAsync(string path, object body) => SendAsync(HttpMethod.Patch, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    /// <summary>A search, at most four in a second.</summary>
    public async Task<Answer> SearchAsync(ObjectType type, object body)
    {
        await WaitAsync(TimeSpan.FromMilliseconds(250));
        return await PostAsync(Objects(type, "/search"), body);
    }

    /// <summary>What HubSpot tells of a private app's token; of other tokens it tells nothing.</summary>
    public Task<Answer> TokenInfoAsync() => PostAsync("/oauth/v2/private-apps/get/access-token-info", new { tokenKey = token });

    public Task WaitAsync(TimeSpan time) => wait(time, _stop);

    /// <summary>From now on calls are made whether or not somebody wants to stop: cleaning up.</summary>
    public void Finish() => _stop = CancellationToken.None;

    /// <summary>A text without the token, whoever put it there.</summary>
    public string Redacted(string text) => text.Replace(token, "(token)", StringComparison.Ordinal);

    /// <summary>One call, repeated while HubSpot asks for patience. A stop takes effect between calls, never within one.</summary>
    private async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            _stop.ThrowIfCancellationRequested();
            var answer = await SendOnceAsync(method, path, body);
            Made.Note(method, path, body, answer);
            if (answer.Status is 429 or 423)
                Refusals.TryAdd(answer.Status, answer);
            if (answer.Status == 403)
                throw Forbidden(method, path, answer);
            if (Fatal(answer) is { } reason)
                throw new ProbeStoppedException(reason);
            if (attempt == MostAttempts || Patience(method, answer) is not { } patience)
                return answer;
            await WaitAsync(patience);
        }
    }

    private async Task<Answer> SendOnceAsync(HttpMethod method, string path, object? body)
    {
        Calls++;
        try
        {
            using var request = new HttpRequestMessage(method, path)
            {
                Content = body switch
                {
                    null => null,
                    Dictionary<string, string> form => new FormUrlEncodedContent(form),
                    _ => JsonContent.Create(body),
                },
            };
            // OAuth's own endpoints need no token, so they get none.
            if (!path.StartsWith("/oauth/", StringComparison.Ordinal))
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await http.SendAsync(request, CancellationToken.None);
            return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(CancellationToken.None), response.Headers);
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            Made.NoteUnanswered(method, path, body);
            throw new NotAskedException($"{method} {path} was not answered: {failure.Message}");
        }
    }

    private NotAskedException Forbidden(HttpMethod method, string path, Answer answer)
    {
        var scopes = answer.RequiredScopes.ToList();
        MissingScopes.UnionWith(scopes);
        return new(scopes.Count > 0
            ? $"the token lacks {string.Join(" or ", scopes)}"
            : $"{method} {path} is forbidden to this token: {answer.Said}: {answer.Telling}");
    }

    private static string? Fatal(Answer answer) => answer.Status switch
    {
        401 => $"HubSpot does not take this token: {answer.Telling} Give the token of a service key or a private app of the test account "
            + "(docs/probe-account.md says where it is), whole and not withdrawn.",
        429 when answer["policyName"] == "DAILY" =>
            "The account's calls of today are used up. Run the probe again after midnight in the account's time zone.",
        477 => "HubSpot is moving this account to another data centre, for up to a day. Run the probe again later.",
        _ => null,
    };

    /// <summary>How long to wait before the same call again; null when the answer stands.</summary>
    private static TimeSpan? Patience(HttpMethod method, Answer answer) => answer.Status switch
    {
        429 or 423 when int.TryParse(answer.Header("Retry-After"), CultureInfo.InvariantCulture, out var seconds) =>
            TimeSpan.FromSeconds(Math.Clamp(seconds, 1, 60)),
        429 when answer["policyName"] == "TEN_SECONDLY_ROLLING" => TimeSpan.FromSeconds(10),
        429 => TimeSpan.FromSeconds(1),
        423 => TimeSpan.FromSeconds(2),
        >= 500 when method == HttpMethod.Get => TimeSpan.FromSeconds(5),
        _ => null,
    };
}
