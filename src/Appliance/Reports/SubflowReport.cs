namespace Middlebox.Appliance.Reports;

/// <summary>One subflow seen from the box: local is the server's or an announced address of the box.</summary>
public sealed record SubflowReport(string Local, string Remote);
