using Middlebox.Native;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Wire;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>Begins the converter's connections to servers, and says what became of them. Owned by the converter's thread.</summary>
internal sealed class DownstreamDial(ConverterOptions options, ProxyEngineOptions engine, string? congestionControl, uint transparentMark)
{
    private readonly HostAddress[] _sources = [.. options.SourceAddresses.Select(HostAddress.Parse)];

    /// <summary>Begins to connect to the server of a conversion.</summary>
    public ConvertRefusal Begin(Conversion conversion)
    {
        var server = conversion.Server;
        var isPreserved = IsPreserved(conversion);
        var error = DownstreamSocket.Open(
            in server,
            isPreserved ? conversion.Client : SourceFor(conversion),
            isPreserved ? transparentMark : null,
            isPreserved,
            engine,
            congestionControl,
            out var socket);
        if (socket is null)
            return FailureOf(error, unreachable: null);
        var local = default(sockaddr);
        var length = sockaddr.MaximumLength;
        _ = Libc.getsockname(socket, ref local, ref length);
        conversion.Downstream = socket;
        conversion.Attempt = new FlowKey(local.ToEndpoint(), server);
        return ConvertRefusal.None;
    }

    /// <summary>Whether the server sees the client's address and port.</summary>
    private bool IsPreserved(Conversion conversion) =>
        options.PreserveClientAddress && conversion.Client.Address.IsIpv4 == conversion.Server.Address.IsIpv4;

    /// <summary>Why a connection failed.</summary>
    /// <param name="error">Of the socket.</param>
    /// <param name="unreachable">Code of the ICMP error that was seen about it.</param>
    public static ConvertRefusal FailureOf(Errno error, byte? unreachable) => error switch
    {
        Errno.None => ConvertRefusal.None,
        Errno.ETIMEDOUT => ConvertRefusal.ServerSilent,
        Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM or Errno.ENOBUFS or Errno.EADDRNOTAVAIL or Errno.EADDRINUSE => ConvertRefusal.NoSocket,
        _ when unreachable is not null => ConvertRefusal.ServerUnreachable,
        Errno.ECONNREFUSED or Errno.ECONNRESET => ConvertRefusal.ServerReset,
        _ => ConvertRefusal.NetworkFailure,
    };

    /// <summary>Whether a server has shown that it does not speak MPTCP: it answered an MP_CAPABLE without one (RFC 8684 section 3.1).</summary>
    public static bool HasShownLegacy(ReadOnlySpan<byte> options)
    {
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (reader.Kind == TcpOptionKind.Mptcp)
                return false;
        }

        return true;
    }

    /// <summary>One and the same for all connections of a client: "paired" pooling (RFC 4787 section 4.1).</summary>
    private HostEndpoint? SourceFor(Conversion conversion)
    {
        var isIpv4 = conversion.Server.Address.IsIpv4;
        var count = _sources.Count(source => source.IsIpv4 == isIpv4);
        if (count == 0)
            return null;
        var index = (int)((uint)conversion.Client.Address.GetHashCode() % (uint)count);
        return new HostEndpoint(_sources.Where(source => source.IsIpv4 == isIpv4).ElementAt(index), default);
    }
}
