namespace Middlebox.Appliance.Reports;

/// <summary>Packets that the kernel queued for the box, and how often some passed because they came too fast.</summary>
public sealed record PacketsReport(long Received, long Overruns, int Listeners);
