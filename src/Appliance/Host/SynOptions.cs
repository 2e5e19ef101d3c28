using Middlebox.Negotiation.Wire;

namespace Middlebox.Appliance.Host;

/// <summary>Which TCP options the SYNs of this host have by themselves, of those that a client of the converter may ask for (RFC 8803 section 7).</summary>
internal static class SynOptions
{
    public static IReadOnlyList<TcpOptionKind> OfThisHost() =>
    [
        TcpOptionKind.Mptcp,
        .. Sysctl.Read(Sysctl.TcpSack) == "0" ? Array.Empty<TcpOptionKind>() : [TcpOptionKind.SackPermitted],
        .. Sysctl.Read(Sysctl.TcpTimestamps) == "0" ? Array.Empty<TcpOptionKind>() : [TcpOptionKind.Timestamps],
    ];
}
