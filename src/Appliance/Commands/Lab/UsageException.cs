namespace Middlebox.Appliance.Commands.Lab;

/// <summary>A command line that asks for something that is not there; the message says what would be right.</summary>
internal sealed class UsageException(string message) : Exception(message);
