namespace Orrery.Load.Client;

/// <summary>Ends the run: a server did not start, or an answer was not the expected one.</summary>
internal sealed class LoadException(string message) : Exception(message);
