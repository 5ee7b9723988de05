using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubSpotBus.Samples.ProbeAccount;

/// <summary>The account under question: calls within HubSpot's limits, and records and properties that are known as the probe's.</summary>
internal sealed class ProbedAccount(HttpClient http, string token, Func<TimeSpan, CancellationToken, Task> wait, CancellationToken stop)
{
    public const string Version = "2026-09";
    public const string RecordName = "HubSpotBus probe";
    public const string Prefix = "hubspotbus_probe_";

    private const int MostAttempts = 10;

    private readonly Dictionary<ObjectType, Answer> _uniqueProperties = [];
    private CancellationToken _stop = stop;
    private int _marks;

    /// <summary>Of this run, in every name and key: HubSpot restores an archived property with its name, so names are never used again.</summary>
    public string Run { get; } = RandomNumberGenerator.GetHexString(8, lowercase: true);

    public Uri Address => http.BaseAddress!;

    /// <summary>A text without the token, whoever put it there.</summary>
    public string Redacted(string text) => text.Replace(token, "(token)", StringComparison.Ordinal);

    public int Calls { get; private set; }

    public SortedSet<string> MissingScopes { get; } = [];

    /// <summary>The first answer of each status that asks for patience: 429 and 423.</summary>
    public Dictionary<int, Answer> Refusals { get; } = [];

    public Made Made { get; } = new();

    public static string Objects(ObjectType type, string rest = "") => $"/crm/objects/{Version}/{type}{rest}";

    public static string Properties(ObjectType type, string rest = "") => $"/crm/properties/{Version}/{type}{rest}";

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> PatchAsync(string path, object body) => SendAsync(HttpMethod.Patch, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    /// <summary>One call, repeated while HubSpot asks for patience. A stop takes effect between calls, never in the middle of one.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            _stop.ThrowIfCancellationRequested();
            var answer = await SendOnceAsync(method, path, body);
            Made.Note(method, path, answer);
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

    /// <summary>A search, at most four in a second.</summary>
    public async Task<Answer> SearchAsync(ObjectType type, object body)
    {
        await WaitAsync(TimeSpan.FromMilliseconds(250));
        return await PostAsync(Objects(type, "/search"), body);
    }

    public Task WaitAsync(TimeSpan time) => wait(time, _stop);

    /// <summary>From now on calls are made whether or not somebody wants to stop: cleaning up.</summary>
    public void Finish() => _stop = CancellationToken.None;

    /// <summary>A value that nothing else in the account has.</summary>
    public string Mark() => $"{Prefix}{Run}_{++_marks}";

    /// <summary>Properties of a new record of ours, with what else is given.</summary>
    public async Task<Dictionary<string, string>> NewAsync(ObjectType type, params (string Name, string Value)[] more)
    {
        var properties = new Dictionary<string, string> { [type.NameProperty] = RecordName };
        if (type == ObjectType.Deals)
        {
            var pipeline = Needed(await GetAsync($"/crm/pipelines/{Version}/deals"), "read the deal pipelines").First;
            properties["pipeline"] = Answer.TextOf(pipeline?["id"]) ?? "default";
            properties["dealstage"] = Answer.TextOf(Answer.FirstOf(pipeline?["stages"])?["id"]) ?? "appointmentscheduled";
        }

        foreach (var (name, value) in more)
            properties[name] = value;
        return properties;
    }

    /// <summary>Makes a record and returns its id.</summary>
    public async Task<string> MakeAsync(ObjectType type, params (string Name, string Value)[] more)
    {
        var made = await PostAsync(Objects(type), new { properties = await NewAsync(type, more) });
        return Needed(made, $"make one of {type}")["id"] ?? throw new NotAskedException($"A new record of {type} came without id.");
    }

    /// <summary>Makes records that have a name each: HubSpot may take equal inputs for one.</summary>
    public async Task<IReadOnlyList<string>> MakeAsync(ObjectType type, int count)
    {
        var inputs = new List<object>();
        for (var n = 1; n <= count; n++)
            inputs.Add(new { properties = await NewAsync(type, (type.NameProperty, $"{RecordName} {n}")), objectWriteTraceId = $"{n}" });
        var made = Needed(await PostAsync(Objects(type, "/batch/create"), new { inputs }), $"make {count} of {type}");
        return [.. made.Results.Select(r => Answer.TextOf(r["id"])).OfType<string>()];
    }

    public async Task<Answer> MakePropertyAsync(ObjectType type, string name, object definition)
    {
        var group = Needed(await GetAsync(Properties(type, $"/{type.NameProperty}")), $"read the property definitions of {type}")["groupName"];
        var properties = JsonSerializer.SerializeToNode(definition) as JsonObject ?? [];
        properties["name"] = name;
        properties["label"] = $"{RecordName} {name}";
        properties["groupName"] = group;
        var made = await PostAsync(Properties(type), properties);
        // HubSpot needs up to a second until a new property can be seen and used.
        for (var attempt = 0; made.IsSuccess && attempt < 20; attempt++)
        {
            await WaitAsync(TimeSpan.FromMilliseconds(500));
            if ((await GetAsync(Properties(type, $"/{name}"))).IsSuccess)
                break;
        }

        return made;
    }

    /// <summary>The answer to making a unique property on this type, made once in a run.</summary>
    public async Task<Answer> UniquePropertyAsync(ObjectType type)
    {
        if (!_uniqueProperties.TryGetValue(type, out var answer))
        {
            var definition = new { type = "string", fieldType = "text", hasUniqueValue = true };
            _uniqueProperties[type] = answer = await MakePropertyAsync(type, $"{Prefix}{Run}_key", definition);
        }

        return answer;
    }

    /// <summary>The name of our unique property on this type.</summary>
    public async Task<string> UniqueKeyAsync(ObjectType type) =>
        Needed(await UniquePropertyAsync(type), $"make a unique property on {type}")["name"] ?? "";

    public Task<Answer> UpsertAsync(ObjectType type, string key, string value, Dictionary<string, string> properties) =>
        PostAsync(Objects(type, "/batch/upsert"), new { inputs = new[] { new { idProperty = key, id = value, properties } } });

    /// <summary>An id that no record has, looked up first: the probe touches nothing that is not its own.</summary>
    public async Task<string> UnknownIdAsync(ObjectType type)
    {
        foreach (var id in (string[])["999999999999999", "999999999999998", "999999999999997"])
        {
            var answer = await GetAsync(Objects(type, $"/{id}"));
            if (answer.Status == 404
                && (await GetAsync(Objects(type, $"/{id}?archived=true"))).Status == 404)
                return id;
        }

        throw new NotAskedException($"No id was found that {type} do not have.");
    }

    /// <summary>What HubSpot tells of a private app's token; of other tokens it tells nothing.</summary>
    public Task<Answer> TokenInfoAsync() => PostAsync("/oauth/v2/private-apps/get/access-token-info", new { tokenKey = token });

    /// <summary>An answer without which a fact cannot be asked.</summary>
    public static Answer Needed(Answer answer, string what) =>
        answer.IsSuccess ? answer : throw new NotAskedException($"Could not {what}: {answer.Said}: {answer.Telling}");

    private NotAskedException Forbidden(HttpMethod method, string path, Answer answer)
    {
        var scopes = answer.RequiredScopes.ToList();
        MissingScopes.UnionWith(scopes);
        return new(scopes.Count > 0
            ? $"the token lacks {string.Join(" or ", scopes)}"
            : $"{method} {path} is forbidden to this token: {answer.Said}: {answer.Telling}");
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
            Made.NoteUnanswered(method, path);
            throw new NotAskedException($"{method} {path} was not answered: {failure.Message}");
        }
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
