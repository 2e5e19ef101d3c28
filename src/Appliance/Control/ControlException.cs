namespace Middlebox.Appliance.Control;

/// <summary>A box could not be asked; the message says why and what to do.</summary>
public sealed class ControlException(string message) : Exception(message);
