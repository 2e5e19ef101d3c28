namespace Middlebox.Appliance.Commands.Soak;

/// <summary>A fault, and when it began.</summary>
internal sealed record SoakEvent(double Second, SoakFault Fault);
