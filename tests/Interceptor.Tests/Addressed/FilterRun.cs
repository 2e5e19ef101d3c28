using Middlebox.Interceptor.Filtering;

namespace Middlebox.Interceptor.Tests.Addressed;

/// <summary>Gives packets to a filter as its queue does.</summary>
internal static class FilterRun
{
    // As much as the queue leaves.
    private const int Room = 40;

    /// <summary>What the filter makes of a packet; empty if it drops it.</summary>
    public static byte[] Of(PacketFilter filter, byte[] packet)
    {
        byte[] buffer = [.. packet, .. new byte[Room]];
        return buffer[..filter(buffer, packet.Length)];
    }
}
