using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Tests.Exchanges;

/// <summary>
/// A request and HubSpot's answer as somebody saw or published it. What the answer names must be there; more may be. Placeholders stand
/// for what differs each time; docs/simulator.md lists them.
/// </summary>
internal sealed record Exchange
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>Where it was seen, so that it can be looked up.</summary>
    public required string Source { get; init; }

    public string? Note { get; init; }

    public SimulatorOptions Options { get; init; } = new();

    public PortalSwitches Switches { get; init; } = new();

    /// <summary>The app goes through the consent pages first; <c>{{accessToken}}</c> and <c>{{refreshToken}}</c> are known then.</summary>
    public bool Connected { get; init; }

    /// <summary>What happened before. An answer is needed where it gives something a name.</summary>
    public IReadOnlyList<Step> Given { get; init; } = [];

    public required Asked Request { get; init; }

    public required Answered Answer { get; init; }

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Exchanges");

    public static Exchange Read(string name) =>
        JsonSerializer.Deserialize<Exchange>(File.ReadAllText(Path.Combine(Folder, name + ".json")), Format)!;
}

internal sealed record Step
{
    public required Asked Request { get; init; }

    public Answered Answer { get; init; } = new();
}

internal sealed record Asked
{
    public required string Method { get; init; }

    public required string Path { get; init; }

    public JsonNode? Body { get; init; }

    public IReadOnlyDictionary<string, string>? Form { get; init; }

    /// <summary>Without it the static token or, when connected, the access token; empty sends none.</summary>
    public string? Token { get; init; }

    /// <summary>How much time passes before.</summary>
    public double AfterSeconds { get; init; }
}

internal sealed record Answered
{
    /// <summary>0 takes any success.</summary>
    public int Status { get; init; }

    /// <summary>A header that must not be there is null.</summary>
    public IReadOnlyDictionary<string, string?> Headers { get; init; } = new Dictionary<string, string?>();

    public JsonNode? Body { get; init; }
}
