using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubSpotBus.Samples.ProbeAccount;

/// <summary>The account under question, and records and properties in it that are known as the probe's by their names.</summary>
internal sealed class ProbedAccount(HttpClient http, string token, Func<TimeSpan, CancellationToken, Task> wait, CancellationToken stop)
    : HubSpotApi(http, token, wait, stop)
{
    public const string Prefix = "hubspotbus_probe_";

    private readonly Dictionary<ObjectType, Answer> _uniqueProperties = [];
    private int _marks;

    /// <summary>In every name and key: HubSpot restores an archived property with its name, so no run uses a name again.</summary>
    public string Run { get; } = RandomNumberGenerator.GetHexString(8, lowercase: true);

    public string RecordName => $"HubSpotBus probe {Run}";

    public bool IsOurs(ObjectType type, JsonObject record) =>
        Answer.Property(record, type.NameProperty)?.StartsWith(RecordName, StringComparison.Ordinal) == true;

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

    public Task<Answer> UpsertAsync(ObjectType type, string key, string value, Dictionary<string, string> properties) =>
        PostAsync(Objects(type, "/batch/upsert"), new { inputs = new[] { new { idProperty = key, id = value, properties } } });

    public async Task<Answer> MakePropertyAsync(ObjectType type, string name, object definition)
    {
        var neighbour = await GetAsync(Properties(type, $"/{type.NameProperty}"));
        var properties = JsonSerializer.SerializeToNode(definition) as JsonObject ?? [];
        properties["name"] = name;
        properties["label"] = $"{RecordName} {name}";
        properties["groupName"] = Needed(neighbour, $"read the property definitions of {type}")["groupName"];
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

    /// <summary>An id that no record has, looked up first: the probe touches nothing that is not its own.</summary>
    public async Task<string> UnknownIdAsync(ObjectType type)
    {
        foreach (var id in (string[])["999999999999999", "999999999999998", "999999999999997"])
        {
            if ((await GetAsync(Objects(type, $"/{id}"))).Status == 404
                && (await GetAsync(Objects(type, $"/{id}?archived=true"))).Status == 404)
            {
                return id;
            }
        }

        throw new NotAskedException($"No id was found that {type} do not have.");
    }
}
