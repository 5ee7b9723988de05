using System.Text.RegularExpressions;

namespace HubSpotBus.Auth.Egress;

/// <summary>
/// What may be asked of HubSpot: a path without API version, as it stands on the request line. Anything that could be read as another
/// path than it looks (dots, encoded slashes, doubly encoded characters, empty segments) is refused, not repaired.
/// </summary>
public sealed partial record EgressPath
{
    private static readonly string[] _roots = ["crm/objects/", "crm/properties/", "crm/pipelines/", "crm/associations/", "account-info/details"];

    // Batches that leave the same behind however often they run.
    private static readonly string[] _repeatable = ["/batch/read", "/batch/upsert", "/batch/update", "/batch/archive", "/search"];

    private EgressPath(string root, string rest, string query) => (Root, Rest, Query) = (root, rest, query);

    private string Root { get; }

    private string Rest { get; }

    private string Query { get; }

    /// <summary>Records and their associations: what flows, once a subscription is connected.</summary>
    public bool IsAboutRecords => Root is "crm/objects" or "crm/associations";

    public bool IsSearch => Root == "crm/objects" && Rest.EndsWith("/search", StringComparison.Ordinal);

    /// <summary>The path and query to ask HubSpot for: the API version stands after the root.</summary>
    public string At(string apiVersion) => $"{Root}/{apiVersion}/{Rest}{Query}";

    /// <summary>What the call asks for, in words: "contacts batch read", "orders update", "pipelines".</summary>
    public string Kind(string method) => (Root, Rest.Split('/')) switch
    {
        ("crm/objects", [var type]) => $"{type} {(method == "GET" ? "list" : "create")}",
        ("crm/objects", [var type, "batch", var what]) => $"{type} batch {what}",
        ("crm/objects", [var type, ("search" or "merge") and var what]) => $"{type} {what}",
        ("crm/objects", [var type, _]) => $"{type} {(method switch { "GET" => "get", "DELETE" => "archive", _ => "update" })}",
        ("crm/objects", [var type, ..]) => $"{type} associations",
        _ => Root[(Root.IndexOf('/', StringComparison.Ordinal) + 1)..],
    };

    /// <summary>True when the call may be made again though the first may have been done.</summary>
    public bool MayRepeat(string method) => method switch
    {
        "POST" => Root == "crm/associations" || _repeatable.Any(end => Rest.EndsWith(end, StringComparison.Ordinal)),
        _ => true,
    };

    /// <summary>Takes "crm/objects/contacts/batch/read?x=y"; null when it may not be asked for.</summary>
    public static EgressPath? Parse(string pathAndQuery)
    {
        var split = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var path = split < 0 ? pathAndQuery : pathAndQuery[..split];
        var query = split < 0 ? "" : pathAndQuery[split..];
        if (!QueryCharacters().IsMatch(query) || !path.Split('/').All(IsPlain))
            return null;
        if (_roots.FirstOrDefault(root => path.StartsWith(root, StringComparison.Ordinal)) is not { } allowed)
            return null;
        if (allowed.EndsWith('/'))
            return new EgressPath(allowed.TrimEnd('/'), path[allowed.Length..], query);
        return path == allowed ? new EgressPath("account-info", "details", query) : null;
    }

    private static bool IsPlain(string segment) =>
        SegmentCharacters().IsMatch(segment)
        && Uri.UnescapeDataString(segment) is var meant
        && meant is not ("." or "..")
        && !meant.Any(c => c is '/' or '\\' or '%' or ';' || char.IsControl(c));

    [GeneratedRegex(@"\A(?:[A-Za-z0-9._~@!$'()*+,=:-]|%[0-9A-Fa-f]{2})+\z")]
    private static partial Regex SegmentCharacters();

    [GeneratedRegex(@"\A[\x21\x22\x24-\x5b\x5d-\x7e]*\z")]
    private static partial Regex QueryCharacters();
}
