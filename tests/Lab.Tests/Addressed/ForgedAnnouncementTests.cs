using System.Net.Sockets;
using Middlebox.Interceptor.Filtering;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>Somebody on the path, who has not seen the keys, announces an address in the server's name.</summary>
public sealed class ForgedAnnouncementTests : AddressedFixture
{
    private const string Announcements = "MPTcpExtAddAddr";
    private const string JoinsTaken = "MPTcpExtMPJoinAckRx";
    private const ushort Queue = 4320;
    private const int HmacLength = 8;

    private int _changed;

    [TestCase(AddressFamily.InterNetwork, "iptables")]
    [TestCase(AddressFamily.InterNetworkV6, "ip6tables")]
    public async Task Wrong_hmac_is_ignored_and_the_connection_works(AddressFamily family, string tool)
    {
        using var queue = Core.InNamespace(() => new PacketFilterQueue(Queue, Falsify));
        string[] rule = ["FORWARD", "-i", "proxy", "-p", "tcp", "--sport", "5125", "-j", "NFQUEUE", "--queue-num", $"{Queue}"];
        (await Core.RunAsync(tool, ["-w", "-I", .. rule])).RequireSuccess();
        try
        {
            var (announced, joins) = (Client.Counter(Announcements), Capable.Counter(JoinsTaken));
            using var connection = await ConnectAsync(family, "capable");
            await connection.GreetAsync(Deadline);
            await Condition.WaitAsync(() => Volatile.Read(ref _changed) > 1, Patience, "the announcement is repeated, and false", Deadline);
            await AssertBytesArriveAsync(connection.Client, connection.Server, 1_000_000);
            await AssertBytesArriveAsync(connection.Server, connection.Client, 1_000_000);
            Assert.That(Client.Counter(Announcements), Is.EqualTo(announced), "none was taken");
            Assert.That(Capable.Counter(JoinsTaken) - joins, Is.LessThanOrEqualTo(1), "only the second access has a subflow, which needs no announcement");
        }
        finally
        {
            (await Core.RunAsync(tool, ["-w", "-D", .. rule])).RequireSuccess();
        }
    }

    private int Falsify(Span<byte> buffer, int length)
    {
        if (TcpPacket.Read(buffer[..length], out var segment) != PacketDefect.None)
            return length;
        var reader = new TcpOptionReader(segment.Options);
        while (reader.MoveNext())
        {
            if (!AddAddress.TryRead(reader.Bytes, out var announcement) || announcement.IsEcho)
                continue;
            var hmac = TcpConstants.MinimumHeaderLength + reader.Offset + announcement.Length - HmacLength;
            TcpPacketEditor.PatchByte(buffer, segment.TcpOffset, hmac, (byte)~buffer[segment.TcpOffset + hmac]);
            Interlocked.Increment(ref _changed);
            break;
        }

        return length;
    }
}
