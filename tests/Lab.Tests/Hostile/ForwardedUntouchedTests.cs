using System.Buffers.Binary;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Lab.Tests.Hostile;

/// <summary>SYNs that the box must keep its hands off: the server gets them byte for byte, and they are counted.</summary>
public sealed class ForwardedUntouchedTests() : ServingLabFixture("one-proxy")
{
    private const byte MptcpKind = 30;
    private static int _port = 20_000;

    private static readonly (string Name, string Reason, Func<PacketBuilder, PacketBuilder> Options)[] Segments =
    [
        ("MP_JOIN_of_a_foreign_connection", "foreignJoin", syn => syn.Mss(1460).MpJoin(0xDEADBEEF)),
        ("MP_CAPABLE_version_0", "mptcpVersion0", syn => syn.Mss(1460).MpCapableVersion0()),
        ("MP_CAPABLE_version_7", "mptcpVersionUnknown", syn => syn.Option(MptcpKind, 4, 0x07, 0x01)),
        ("MP_CAPABLE_with_data", "synWithData", syn => syn.Mss(1460).MpCapable().Payload("GET /"u8)),
        ("MP_CAPABLE_with_TFO_request", "fastOpen", syn => syn.MpCapable().FastOpenRequest()),
        ("MP_CAPABLE_with_TFO_cookie_and_data", "fastOpen",
            syn => syn.MpCapable().Option(34, 10, 1, 2, 3, 4, 5, 6, 7, 8).Payload("GET /"u8)),
        ("MP_CAPABLE_with_TCP_MD5", "tcpMd5", syn => syn.MpCapable().Md5()),
        ("MP_CAPABLE_with_TCP_AO", "tcpAuthentication", syn => syn.MpCapable().Authentication()),
        ("MP_CAPABLE_of_length_0", "malformedOptions", syn => syn.Mss(1460).Option(MptcpKind, 0, 0x01, 0x01)),
        ("MP_CAPABLE_of_length_1", "malformedOptions", syn => syn.Mss(1460).Option(MptcpKind, 1, 0x01, 0x01)),
        ("MP_CAPABLE_of_length_2", "malformedOptions", syn => syn.Option(MptcpKind, 2, 1, 1)),
        ("MP_CAPABLE_of_length_3", "malformedOptions", syn => syn.Option(MptcpKind, 3, 0x01, 1)),
        ("MP_CAPABLE_of_length_5", "malformedOptions", syn => syn.Option(MptcpKind, 5, 0x01, 0x01, 0)),
        ("MP_CAPABLE_beyond_the_end", "malformedOptions", syn => syn.Option(MptcpKind, 12, 0x01, 0x01)),
        ("MP_CAPABLE_cut_off_after_its_kind", "malformedOptions", syn => syn.Nop().Nop().Nop().Option(MptcpKind)),
        ("MP_CAPABLE_twice", "malformedOptions", syn => syn.MpCapable().MpCapable()),
        ("MP_CAPABLE_before_an_option_of_length_0", "malformedOptions", syn => syn.MpCapable().Option(2, 0, 5, 0xB4)),
        ("MP_CAPABLE_before_an_option_beyond_the_end", "malformedOptions", syn => syn.MpCapable().Option(8, 40, 0, 0)),
        ("MP_CAPABLE_before_an_option_of_length_1", "malformedOptions", syn => syn.MpCapable().Option(253, 1, 0, 0)),
    ];

    private static IEnumerable<TestCaseData> Cases() =>
        from segment in Segments
        from family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }
        select new TestCaseData(family, segment.Reason, segment.Options).SetName($"{segment.Name}({family})");

    [TestCaseSource(nameof(Cases))]
    public async Task SYN_arrives_as_it_was_sent_and_is_counted(
        AddressFamily family, string reason, Func<PacketBuilder, PacketBuilder> options)
    {
        var port = Interlocked.Increment(ref _port);
        var before = await IdleAsync();
        var segment = options(PacketBuilder.Syn(
            Lab.EndpointOf("client", family, port).ToString(), Lab.EndpointOf("legacy", family, 80).ToString())
            .Isn(0x01020304)).Build();
        Identify(segment);
        using var capture = new PacketCapture(Legacy);
        using var sender = Client.InNamespace(() => new RawPacketSocket(mark: 0));

        Assert.That(sender.Send(segment), Is.EqualTo(Errno.None));
        var arrived = await capture.ReceiveAsync(port, Deadline);

        Assert.That(WithoutHops(arrived), Is.EqualTo(WithoutHops(segment)));
        var after = await StatusWhenAsync(
            status => status.Bypassed(reason) > before.Bypassed(reason), $"the SYN is counted as {reason}");
        Assert.That(after.Bypassed(reason) - before.Bypassed(reason), Is.EqualTo(1));
        Assert.That(after.ContextsCreated, Is.EqualTo(before.ContextsCreated));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task MP_JOIN_of_another_connection_does_not_harm_those_that_are_relayed(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);
        var port = Interlocked.Increment(ref _port);
        var before = await Box.StatusAsync(Deadline);
        var join = PacketBuilder.Syn(
            Lab.EndpointOf("client", family, port).ToString(), Lab.EndpointOf("legacy", family, 7000).ToString())
            .Mss(1460).MpJoin(0xDEADBEEF).Build();
        using var capture = new PacketCapture(Legacy);
        using var sender = Client.InNamespace(() => new RawPacketSocket(mark: 0));

        Assert.That(sender.Send(join), Is.EqualTo(Errno.None));
        await capture.ReceiveAsync(port, Deadline);

        await connection.GreetAsync(Deadline);
        Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);
        var after = await Box.StatusAsync(Deadline);
        Assert.That(after.Bypassed("foreignJoin") - before.Bypassed("foreignJoin"), Is.EqualTo(1));
    }

    /// <summary>Gives an IPv4 packet an identification: the kernel would fill in one where there is none.</summary>
    private static void Identify(byte[] packet)
    {
        const int IdentificationOffset = 4;
        if (packet[0] >> 4 == (int)IpProtocolVersion.V4)
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(IdentificationOffset), 0x4D42);
    }

    /// <summary>The packet without what each router changes: time to live or hop limit, and IPv4's checksum over it.</summary>
    private static byte[] WithoutHops(byte[] packet)
    {
        var copy = packet.ToArray();
        if (packet[0] >> 4 == (int)IpProtocolVersion.V4)
        {
            copy[IpConstants.Ipv4TimeToLiveOffset] = 0;
            copy.AsSpan(IpConstants.Ipv4ChecksumOffset, sizeof(ushort)).Clear();
        }
        else
        {
            copy[IpConstants.Ipv6HopLimitOffset] = 0;
        }
        return copy;
    }
}
