using System.Text.RegularExpressions;

namespace HubSpotBus.Auth.Egress;

/// <summary>
/// What may be asked of HubSpot: method, and path without API version as it stands on the request line. Only what the services ask
/// (<c>IHubSpotApi</c> of services/HubSpot) and connecting; anything that could be read as another path than it looks (dots, encoded
/// slashes, doubly encoded characters, empty segments) is refused, not repaired.
/// </summary>
public sealed partial record EgressPath
{
    // Batches that leave the same behind however often they run.
    private static readonly string[] _repeatable = ["/batch/read", "/batch/upsert", "/batch/update", "/batch/archive", "/search"];

    private EgressPath(string method, string root, string rest, string query) => (Method, Root, Rest, Query) = (method, root, rest, query);

    public string Method { get; }

    private string Root { get; }

    private string Rest { get; }

    private string Query { get; }

    /// <summary>Records and their associations: what flows, once a subscription is connected.</summary>
    public bool IsAboutRecords => Root is "crm/objects" or "crm/associations";

    public bool IsSearch => Method == "POST" && Rest.EndsWith("/search", StringComparison.Ordinal);

    /// <summary>The path and query to ask HubSpot for: the API version stands after the root.</summary>
    public string At(string apiVersion) => $"{Root}/{apiVersion}/{Rest}{Query}";

    /// <summary>What the call asks for, in words: "contacts batch read", "orders list", "pipelines".</summary>
    public string Kind => (Root, Rest.Split('/')) switch
    {
        ("crm/objects", [var type]) => $"{type} list",
        ("crm/objects", [var type, "batch", var what]) => $"{type} batch {what}",
        ("crm/objects", [var type, _]) => $"{type} {(IsSearch ? "search" : "get")}",
        _ => Root[(Root.IndexOf('/', StringComparison.Ordinal) + 1)..],
    };

    /// <summary>True when the call changes nothing in HubSpot.</summary>
    public bool OnlyReads => Method == "GET" || IsSearch || Rest.EndsWith("/batch/read", StringComparison.Ordinal);

    /// <summary>True when the call may be made again though the first may have been done.</summary>
    public bool MayRepeat => Method == "GET" || Root == "crm/associations" || _repeatable.Any(end => Rest.EndsWith(end, StringComparison.Ordinal));

    /// <summary>Takes "POST" and "crm/objects/contacts/batch/read?x=y"; null when it may not be asked for.</summary>
    public static EgressPath? Parse(string method, string pathAndQuery)
    {
        var split = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var path = split < 0 ? pathAndQuery : pathAndQuery[..split];
        var query = split < 0 ? "" : pathAndQuery[split..];
        if (!QueryCharacters().IsMatch(query) || !path.Split('/').All(IsPlain) || Allowed().Match($"{method} {path}") is not { Success: true } allowed)
            return null;
        return new EgressPath(method, allowed.Groups["root"].Value, allowed.Groups["rest"].Value, query);
    }

    private static bool IsPlain(string segment) =>
        SegmentCharacters().IsMatch(segment)
        && Uri.UnescapeDataString(segment) is var meant
        && meant is not ("." or "..")
        && !meant.Any(c => c is '/' or '\\' or '%' or ';' || char.IsControl(c));

    [GeneratedRegex("""
        \A(
          GET [ ] (?<root>crm/objects)      / (?<rest>[^/]+ (/[^/]+)?) |
          POST[ ] (?<root>crm/objects)      / (?<rest>[^/]+ /(search|batch/(create|read|update|upsert|archive))) |
          POST[ ] (?<root>crm/associations) / (?<rest>[^/]+ /[^/]+ /batch/(create|archive)) |
          (GET|POST)[ ] (?<root>crm/properties) / (?<rest>[^/]+) |
          GET [ ] (?<root>crm/pipelines)    / (?<rest>[^/]+) |
          GET [ ] (?<root>account-info)     / (?<rest>details)
        )\z
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Allowed();

    [GeneratedRegex(@"\A(?:[A-Za-z0-9._~@!$'()*+,=:-]|%[0-9A-Fa-f]{2})+\z")]
    private static partial Regex SegmentCharacters();

    [GeneratedRegex(@"\A[\x21\x22\x24-\x5b\x5d-\x7e]*\z")]
    private static partial Regex QueryCharacters();
}
