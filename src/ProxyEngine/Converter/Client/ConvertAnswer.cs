using System.Net.Sockets;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Wire;

namespace Middlebox.ProxyEngine.Converter.Client;

/// <summary>What became of a connection through a converter.</summary>
public sealed record ConvertAnswer
{
    /// <summary>The connection, which the caller owns; null if there is none.</summary>
    public Socket? Connection { get; init; }

    /// <summary>Whether the connection to the converter speaks MPTCP.</summary>
    public bool IsMptcp { get; init; }

    /// <summary>TCP options of the server's SYN/ACK as the converter told them; empty if it did not.</summary>
    public byte[] ServerOptions { get; init; } = [];

    /// <summary>The error that the converter told; null if it told none.</summary>
    public ConvertErrorCode? Error { get; init; }

    /// <summary>First octet of the error's value.</summary>
    public byte ErrorValue { get; init; }

    /// <summary>The rest of it.</summary>
    public byte[] ErrorRest { get; init; } = [];

    /// <summary>Why the converter could not be asked, or not be understood; null if it could.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether the server speaks MPTCP itself, so that it need not be asked through a converter again (RFC 8803 section 5.1).</summary>
    public bool IsServerCapable
    {
        get
        {
            var reader = new TcpOptionReader(ServerOptions);
            while (reader.MoveNext())
            {
                if (reader.Kind == TcpOptionKind.Mptcp)
                    return true;
            }

            return false;
        }
    }
}
