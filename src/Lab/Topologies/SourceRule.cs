using System.Net;

namespace Middlebox.Lab.Topologies;

/// <summary>Sends packets from one source address to a routing table of their own.</summary>
/// <param name="From">The source address.</param>
/// <param name="Table">The table, from 1 to 252.</param>
public sealed record SourceRule(IPAddress From, int Table);
