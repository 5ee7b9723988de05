namespace HubSpotBus.Samples.ProbeAccount;

/// <summary>This fact could not be asked; the others can. The text says what is in the way.</summary>
internal sealed class NotAskedException(string message) : Exception(message);

/// <summary>Nothing more can be asked at all. The text says what to do.</summary>
internal sealed class ProbeStoppedException(string message) : Exception(message);
