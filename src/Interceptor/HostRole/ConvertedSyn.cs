using Middlebox.Negotiation.HostRole;

namespace Middlebox.Interceptor.HostRole;

/// <summary>A SYN of this host's that is held back until the converter has said what the server does.</summary>
/// <param name="connection">The connection.</param>
/// <param name="isn">Its initial sequence number.</param>
/// <param name="packet">The SYN as the kernel has made it.</param>
/// <param name="since">The clock's time stamp.</param>
internal sealed class ConvertedSyn(ConvertedConnection connection, uint isn, byte[] packet, long since)
{
    public ConvertedConnection Connection { get; } = connection;

    public uint Isn { get; } = isn;

    /// <summary>The SYN; empty once it has been sent.</summary>
    public byte[] Packet { get; private set; } = packet;

    /// <summary>When it was held back, or when that ended.</summary>
    public long Since { get; private set; } = since;

    /// <summary>Whether the outcome is known, so that it passes.</summary>
    public bool IsSettled { get; private set; }

    /// <param name="now">The clock's time stamp.</param>
    /// <returns>The SYN, which is to be sent.</returns>
    public byte[] Settle(long now)
    {
        var packet = Packet;
        (Packet, Since, IsSettled) = ([], now, true);
        return packet;
    }
}
