namespace Middlebox.Appliance.Commands.Demo;

/// <summary>One thing that the demonstration shows.</summary>
/// <param name="Title">Who talks to whom, for the table.</param>
/// <param name="Server">Host of the lab.</param>
/// <param name="IsIpv6">Whether IPv6 is used.</param>
/// <param name="MptcpClient">Whether the client speaks MPTCP.</param>
/// <param name="WithBox">Whether the box serves.</param>
/// <param name="Expected">What must be seen for the case to hold.</param>
internal sealed record DemoCase(
    string Title, string Server, bool IsIpv6, bool MptcpClient, bool WithBox, DemoExpectation Expected);
