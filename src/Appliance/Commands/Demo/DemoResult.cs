namespace Middlebox.Appliance.Commands.Demo;

/// <summary>What a case of the demonstration has shown.</summary>
/// <param name="Case">The case.</param>
/// <param name="Decision">What the box did and why, in words.</param>
/// <param name="DownMbps">Rate from server to client, in Mbit/s of payload.</param>
/// <param name="UpMbps">Rate from client to server, in Mbit/s of payload.</param>
/// <param name="SecondPathShare">Share of the received bytes that came over the second access, 0 to 1.</param>
/// <param name="ClientIs">The client's own address and port.</param>
/// <param name="ServerSaw">The client's address and port as the server saw them.</param>
/// <param name="ClientReached">The server's address and port as the client saw them.</param>
/// <param name="Faults">What did not hold; empty if all did.</param>
internal sealed record DemoResult(
    DemoCase Case,
    string Decision,
    double DownMbps,
    double UpMbps,
    double SecondPathShare,
    string ClientIs,
    string ServerSaw,
    string ClientReached,
    IReadOnlyList<string> Faults);
