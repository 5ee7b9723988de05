namespace HubSpotBus.Samples.ProbeAccount;

/// <summary>What the probe has made in the account, read off every answer, so that nothing is forgotten when it cleans up.</summary>
internal sealed class Made
{
    private const string Objects = $"/crm/objects/{ProbedAccount.Version}/";
    private const string Properties = $"/crm/properties/{ProbedAccount.Version}/";

    private readonly HashSet<(string Type, string Id)> _records = [];
    private readonly HashSet<(string Type, string Name)> _properties = [];
    private readonly List<string> _unanswered = [];

    public void Note(HttpMethod method, string path, Answer answer)
    {
        if (method != HttpMethod.Post || !answer.IsSuccess)
            return;

        if (path.StartsWith(Properties, StringComparison.Ordinal) && answer["name"] is { } name)
            _properties.Add((path[Properties.Length..], name));

        // Only creates and upserts: what a search or a read finds is not ours.
        var parts = path.StartsWith(Objects, StringComparison.Ordinal) ? path[Objects.Length..].Split('/') : [];
        if (parts is [_] or [_, "batch", "create" or "upsert"])
        {
            foreach (var id in answer.Results.Append(answer.Body).Select(r => Answer.TextOf(r["id"])).OfType<string>())
                _records.Add((parts[0], id));
        }
    }

    /// <summary>A write whose answer was lost: nobody knows what it left behind.</summary>
    public void NoteUnanswered(HttpMethod method, string path)
    {
        if (method == HttpMethod.Post && !path.EndsWith("/search", StringComparison.Ordinal) && !path.EndsWith("/read", StringComparison.Ordinal))
            _unanswered.Add($"{method} {path}");
    }

    /// <summary>Archives all records, then deletes the properties. Each sentence is something that is left, with how to delete it.</summary>
    public async Task<IReadOnlyList<string>> CleanUpAsync(ProbedAccount account)
    {
        var left = new List<string>();
        // Line items first: they must not go with their order and then be missed.
        foreach (var type in ObjectType.All.Reverse())
        {
            foreach (var ids in _records.Where(r => r.Type == type.Name).Select(r => r.Id).Chunk(100))
                await ArchiveAsync(account, type, ids, left);
        }

        foreach (var (type, name) in _properties)
        {
            var answer = await TryAsync(account, HttpMethod.Delete, $"{Properties}{type}/{name}");
            if (answer is not ({ IsSuccess: true } or { Status: 404 }))
                left.Add($"property {name} of {type} ({Why(answer)}): delete it in HubSpot's settings, or DELETE {Properties}{type}/{name}");
        }

        left.AddRange(_unanswered.Select(call =>
            $"perhaps something of a call that was not answered ({call}): search HubSpot for \"{ProbedAccount.RecordName}\""));
        return left;
    }

    private static async Task ArchiveAsync(ProbedAccount account, ObjectType type, string[] ids, List<string> left)
    {
        var batch = new { inputs = ids.Select(id => new { id }) };
        if (await TryAsync(account, HttpMethod.Post, $"{Objects}{type}/batch/archive", batch) is { IsSuccess: true })
            return;

        foreach (var id in ids)
        {
            var answer = await TryAsync(account, HttpMethod.Delete, $"{Objects}{type}/{id}");
            if (answer is not ({ IsSuccess: true } or { Status: 404 }))
                left.Add($"{type} record {id} ({Why(answer)}): delete it in HubSpot, or DELETE {Objects}{type}/{id}");
        }
    }

    /// <summary>Cleaning up goes on whatever happens to one call.</summary>
    private static async Task<Answer?> TryAsync(ProbedAccount account, HttpMethod method, string path, object? body = null)
    {
        try
        {
            return await account.SendAsync(method, path, body);
        }
        catch (Exception failure) when (failure is NotAskedException or ProbeStoppedException)
        {
            return null;
        }
    }

    private static string Why(Answer? answer) => answer is null ? "not answered" : $"{answer.Said}: {answer.Telling}";
}
