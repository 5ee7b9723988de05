using System.Text.Json.Nodes;

namespace HubSpotBus.Samples.ProbeAccount;

/// <summary>What the probe has made in the account, read off every call, so that nothing is forgotten when it cleans up.</summary>
internal sealed class Made
{
    private const string Objects = $"/crm/objects/{HubSpotApi.Version}/";
    private const string Properties = $"/crm/properties/{HubSpotApi.Version}/";
    private const int MostSearches = 15;

    private readonly HashSet<(string Type, string Id)> _records = [];
    private readonly HashSet<(string Type, string Name)> _properties = [];
    private readonly HashSet<string> _unanswered = [];
    private readonly Dictionary<ObjectType, HashSet<string>> _before = [];

    public void Note(HttpMethod method, string path, object? body, Answer answer)
    {
        if (answer.Status >= 500)
            NoteUnanswered(method, path, body);
        if (!answer.IsSuccess)
            return;

        if (PropertyMadeBy(method, path, body) is { } property)
            _properties.Add(property);
        if (TypeMadeBy(method, path) is { } type)
            _records.UnionWith(Ids([.. answer.Results, answer.Body]).Select(id => (type, id)));
    }

    /// <summary>A write whose answer was lost: nobody knows yet what it left behind.</summary>
    public void NoteUnanswered(HttpMethod method, string path, object? body)
    {
        if (PropertyMadeBy(method, path, body) is { } property)
            _properties.Add(property);
        if (TypeMadeBy(method, path) is { } type)
            _unanswered.Add(type);
    }

    /// <summary>From now on HubSpotBus may make properties of its own on this type: those that are there already are not the probe's.</summary>
    public async Task ExpectAsync(ProbedAccount account, ObjectType type)
    {
        if (await OwnPropertiesAsync(account, type) is { } before)
            _before[type] = before;
    }

    /// <summary>Archives the records, deletes the properties. Each sentence tells something that is left and how to delete it.</summary>
    public async Task<IReadOnlyList<string>> CleanUpAsync(ProbedAccount account)
    {
        var left = new List<string>();
        // Line items first, so that none goes with its order.
        foreach (var type in ObjectType.All.Reverse())
        {
            if (_unanswered.Contains(type.Name) && !await FindUnansweredAsync(account, type))
                left.Add($"perhaps some {type}, of a call that was not answered: search HubSpot for \"{account.RecordName}\"");
            foreach (var ids in _records.Where(r => r.Type == type.Name).Select(r => r.Id).Chunk(100))
                await ArchiveAsync(account, type, ids, left);
        }

        foreach (var (type, before) in _before)
            _properties.UnionWith((await OwnPropertiesAsync(account, type) ?? []).Except(before).Select(name => (type.Name, name)));
        foreach (var (type, name) in _properties)
        {
            var answer = await TryAsync(() => account.DeleteAsync($"{Properties}{type}/{name}"));
            if (answer is not ({ IsSuccess: true } or { Status: 404 }))
                left.Add($"property {name} of {type} ({Why(answer)}): delete it in HubSpot, or DELETE {Properties}{type}/{name}");
        }

        return left;
    }

    /// <summary>Names of the properties that a HubSpotBus made; null when they cannot be read.</summary>
    private static async Task<HashSet<string>?> OwnPropertiesAsync(ProbedAccount account, ObjectType type) =>
        await TryAsync(() => account.GetAsync(HubSpotApi.Properties(type))) is { IsSuccess: true } answer
            ? [.. answer.Results.Select(p => Answer.TextOf(p["name"])).OfType<string>().Where(n => n.StartsWith("hub_", StringComparison.Ordinal))]
            : null;

    /// <summary>Creates and upserts only: what a search or a read finds is not ours.</summary>
    private static string? TypeMadeBy(HttpMethod method, string path) =>
        method == HttpMethod.Post && path.StartsWith(Objects, StringComparison.Ordinal)
            && path[Objects.Length..].Split('/') is [var type, .. var rest] && rest is ([] or ["batch", "create" or "upsert"])
                ? type
                : null;

    private static (string Type, string Name)? PropertyMadeBy(HttpMethod method, string path, object? body) =>
        method == HttpMethod.Post && path.StartsWith(Properties, StringComparison.Ordinal)
            && Answer.TextOf((body as JsonObject)?["name"]) is { } name
                ? (path[Properties.Length..], name)
                : null;

    private static IEnumerable<string> Ids(IEnumerable<JsonObject> records) => records.Select(r => Answer.TextOf(r["id"])).OfType<string>();

    /// <summary>Looks for records of this run whose answer was lost, half a minute at most.</summary>
    private async Task<bool> FindUnansweredAsync(ProbedAccount account, ObjectType type)
    {
        var filters = new[] { new { propertyName = type.NameProperty, @operator = "CONTAINS_TOKEN", value = account.Run } };
        var body = new { filterGroups = new[] { new { filters } }, properties = new[] { type.NameProperty }, limit = 200 };
        for (var search = 0; search < MostSearches; search++)
        {
            var found = (await TryAsync(() => account.SearchAsync(type, body)))?.Results ?? [];
            var before = _records.Count;
            _records.UnionWith(Ids(found.Where(r => account.IsOurs(type, r))).Select(id => (type.Name, id)));
            if (_records.Count > before)
                return true;
            await account.WaitAsync(TimeSpan.FromSeconds(2));
        }

        return false;
    }

    private static async Task ArchiveAsync(ProbedAccount account, ObjectType type, string[] ids, List<string> left)
    {
        var batch = new { inputs = ids.Select(id => new { id }) };
        if (await TryAsync(() => account.PostAsync($"{Objects}{type}/batch/archive", batch)) is { IsSuccess: true })
            return;

        foreach (var id in ids)
        {
            var answer = await TryAsync(() => account.DeleteAsync($"{Objects}{type}/{id}"));
            if (answer is not ({ IsSuccess: true } or { Status: 404 }))
                left.Add($"{type} record {id} ({Why(answer)}): delete it in HubSpot, or DELETE {Objects}{type}/{id}");
        }
    }

    /// <summary>Cleaning up goes on whatever happens to one call.</summary>
    private static async Task<Answer?> TryAsync(Func<Task<Answer>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception failure) when (failure is NotAskedException or ProbeStoppedException)
        {
            return null;
        }
    }

    private static string Why(Answer? answer) => answer is null ? "not answered" : $"{answer.Said}: {answer.Telling}";
}
