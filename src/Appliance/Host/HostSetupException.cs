namespace Middlebox.Appliance.Host;

/// <summary>The host could not be set up; what was done before has been undone.</summary>
public sealed class HostSetupException(string message) : Exception(message);
