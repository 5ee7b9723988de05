namespace HubSpotBus.Contracts.Connections;

/// <summary>What happened to a HubSpot record.</summary>
public enum HubSpotChangeKind
{
    /// <summary>It was made.</summary>
    Created,

    /// <summary>One of its properties has another value.</summary>
    PropertyChanged,

    /// <summary>It went to the recycle bin.</summary>
    Deleted,

    /// <summary>It came back from the recycle bin.</summary>
    Restored,

    /// <summary>Other records were merged into it.</summary>
    Merged,

    /// <summary>It was tied to another record, or untied from one.</summary>
    AssociationChanged,

    /// <summary>It was deleted for good, for the sake of privacy.</summary>
    PrivacyDeleted,
}
