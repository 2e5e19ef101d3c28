namespace Middlebox.Bench.Proof;

/// <summary>Everything countable about a way at one moment.</summary>
/// <param name="Client">The client's kernel.</param>
/// <param name="Middle">The kernel of the host between.</param>
/// <param name="Server">The server's kernel.</param>
/// <param name="Box">The appliance, if it stands in the way.</param>
internal sealed record Observation(MptcpCounters Client, MptcpCounters Middle, MptcpCounters Server, BoxDecisions Box);
