namespace HubSpotBus.HubSpot.Links;

/// <summary>Records of one run, by what their links say, that are this run's to write.</summary>
internal sealed class Work
{
    public List<(LinkedRecord Record, Link Link)> Linked { get; } = [];

    public List<(LinkedRecord Record, Link Link)> New { get; } = [];

    /// <summary>Those whose intent is of this run.</summary>
    public HashSet<Link> Begun { get; } = [];

    /// <summary>The creates are on their way.</summary>
    public bool Creates { get; set; }

    /// <summary>Some of the new ones were begun before, and HubSpot had nothing of them.</summary>
    public bool Again { get; set; }

    /// <summary>Begun by somebody who was never heard of again.</summary>
    public List<(LinkedRecord Record, Link Link)> Unsettled { get; } = [];
}
