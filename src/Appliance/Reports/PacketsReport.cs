namespace Middlebox.Appliance.Reports;

/// <summary>What has come to the box's queues.</summary>
/// <param name="Received">Packets that the kernel queued.</param>
/// <param name="Overruns">Times that some passed because they came too fast.</param>
/// <param name="Failures">Packets that passed because the code failed on them; any at all is a fault to be reported.</param>
/// <param name="Listeners">Server ports listened on now.</param>
/// <param name="PassedByKeeper">Packets that passed because the daemon did not take them in time, and its keeper stood in for it.</param>
public sealed record PacketsReport(long Received, long Overruns, long Failures, int Listeners, long PassedByKeeper);
