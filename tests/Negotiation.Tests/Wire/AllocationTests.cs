using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Wire;

[TestFixture]
public sealed class AllocationTests
{
    [Test]
    [NonParallelizable]
    public void ReadingAndEditing_TenThousandSyns_AllocatesNothing()
    {
        var syn = PacketBuilder.LinuxMptcpSyn("198.18.1.2:40000", "198.18.9.2:80").Build();
        var buffer = new byte[syn.Length + 40];
        ReadAndEdit(syn, buffer);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var sum = 0;
        for (var i = 0; i < 10_000; i++)
            sum += ReadAndEdit(syn, buffer);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(allocated, Is.Zero);
        Assert.That(sum, Is.Not.Zero);
    }

    private static int ReadAndEdit(byte[] syn, byte[] buffer)
    {
        syn.CopyTo(buffer, 0);
        TcpPacket.Read(buffer.AsSpan(0, syn.Length), out var packet);
        var options = HandshakeOptions.Read(packet.Options);
        var hash = packet.FlowFromClient.GetHashCode();
        TcpPacketEditor.TryAppendOption(buffer, syn.Length, packet.TcpOffset, [30, 4, 0xF8, 0], out _);
        TcpPacketEditor.BlankOption(buffer, packet.TcpOffset, options.MpCapableOffset, options.MpCapableLength);
        TcpPacketEditor.RemoveOption(buffer, packet.TcpOffset, options.MpCapableOffset, options.MpCapableLength);
        return hash | options.Mss.GetValueOrDefault();
    }
}
