using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>Point 12: limits, statuses and the form of ids in association calls.</summary>
internal static class Associations
{
    private const string Batch = $"/crm/associations/{HubSpotApi.Version}/contacts/companies/batch";

    public static readonly IReadOnlyList<Fact> Facts =
    [
        new(12, "association batch archive with 101 and 2,001 inputs", "200, 400 VALIDATION_ERROR", LimitAsync),
        new(12, "association batch create: status, ids", "200, ids are numbers", CreateAsync),
        new(12, "association batch read: status, toObjectId", "200, a number", ReadAsync),
        new(12, "association list of one record: status, toObjectId", "200, a number", ListAsync),
        new(12, "association batch archive: status, body", "200, with a body", ArchiveAsync),
    ];

    /// <summary>Archives associations that are not there, between records of ours.</summary>
    private static async Task<Finding> LimitAsync(ProbedAccount account)
    {
        var contacts = await account.MakeAsync(ObjectType.Contacts, 45);
        var companies = await account.MakeAsync(ObjectType.Companies, 45);
        var pairs = contacts
            .SelectMany(contact => companies.Select(to => new { from = new { id = contact }, to = new[] { new { id = to } } }))
            .ToList();
        if (pairs.Count < 2001)
            throw new NotAskedException($"Only {contacts.Count} contacts and {companies.Count} companies came out of batch creates of 45.");

        var first = await account.PostAsync($"{Batch}/archive", new { inputs = pairs.Take(101) });
        var second = await account.PostAsync($"{Batch}/archive", new { inputs = pairs.Take(2001) });
        return new($"{first.Said}, {second.Said}", first.IsSuccess ? second.Telling : first.Telling);
    }

    private static async Task<Finding> CreateAsync(ProbedAccount account)
    {
        var (_, _, answer) = await AssociatedAsync(account);
        var result = answer.First;
        var kind = Kind(result?["fromObjectId"] ?? result?["from"]?["id"]);
        return new($"{answer.Said}, ids are {kind}s", result?.ToJsonString() ?? answer.Telling);
    }

    private static async Task<Finding> ReadAsync(ProbedAccount account)
    {
        var (contact, _, _) = await AssociatedAsync(account);
        var answer = await account.PostAsync($"{Batch}/read", new { inputs = new[] { new { id = contact } } });
        return Told(answer, Answer.FirstOf(answer.First?["to"]));
    }

    private static async Task<Finding> ListAsync(ProbedAccount account)
    {
        var (contact, _, _) = await AssociatedAsync(account);
        var answer = await account.GetAsync(HubSpotApi.Objects(ObjectType.Contacts, $"/{contact}/associations/companies"));
        return Told(answer, answer.First);
    }

    private static async Task<Finding> ArchiveAsync(ProbedAccount account)
    {
        var (contact, company, _) = await AssociatedAsync(account);
        var inputs = new[] { new { from = new { id = contact }, to = new[] { new { id = company } } } };
        var answer = await account.PostAsync($"{Batch}/archive", new { inputs });
        return new($"{answer.Said}, {(answer.Text.Length > 0 ? "with" : "without")} a body", answer.Telling);
    }

    private static async Task<(string Contact, string Company, Answer Answer)> AssociatedAsync(ProbedAccount account)
    {
        var (contact, company) = (await account.MakeAsync(ObjectType.Contacts), await account.MakeAsync(ObjectType.Companies));
        var types = new[] { new { associationCategory = "HUBSPOT_DEFINED", associationTypeId = 279 } };
        var inputs = new[] { new { from = new { id = contact }, to = new { id = company }, types } };
        return (contact, company, HubSpotApi.Needed(await account.PostAsync($"{Batch}/create", new { inputs }), "associate two records"));
    }

    private static Finding Told(Answer answer, JsonObject? tie) => tie is null
        ? new($"{answer.Said}, none", answer.Telling)
        : new($"{answer.Said}, a {Kind(tie["toObjectId"])}", tie.ToJsonString());

    private static string Kind(JsonNode? id) => id?.GetValueKind() switch
    {
        JsonValueKind.Number => "number",
        JsonValueKind.String => "string",
        _ => "missing value",
    };
}
