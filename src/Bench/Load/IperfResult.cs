namespace Middlebox.Bench.Load;

/// <summary>What iperf3 moved.</summary>
/// <param name="Clients">The client's endpoints of all streams.</param>
/// <param name="Bytes">Received, all streams.</param>
/// <param name="BitsPerSecond">Received, all streams.</param>
internal readonly record struct IperfResult(PeerTally Clients, double Bytes, double BitsPerSecond);
