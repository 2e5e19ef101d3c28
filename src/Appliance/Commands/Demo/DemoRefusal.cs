namespace Middlebox.Appliance.Commands.Demo;

/// <summary>How a closed port of the legacy server looked to an MPTCP client, with the box and without.</summary>
/// <param name="With">Median time to ECONNREFUSED through the box.</param>
/// <param name="Without">Median time to ECONNREFUSED without it.</param>
/// <param name="Refused">Whether every attempt was refused.</param>
internal sealed record DemoRefusal(TimeSpan With, TimeSpan Without, bool Refused);
