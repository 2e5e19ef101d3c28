using System.Buffers.Binary;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Middlebox.Interceptor.FastPath;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native;
using Middlebox.Native.Bpf;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>The program at the devices, run by the kernel for single packets: which it sends on and as what, and which it leaves alone.</summary>
public sealed class RelayProgramTests() : ServingLabFixture("addressed-host")
{
    private const string Device = "core";
    private const string NextHop = "02:00:00:00:00:07";
    private const int FrameHeaderLength = 14;
    private const int PassedOn = -1;
    private const int SentOn = 7;

    private static readonly AddressFamily[] Families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    private BpfMap? _ipv4;
    private BpfMap? _ipv6;
    private BpfProgram? _program;
    private byte[] _hardwareAddress = [];
    private int _device;

    protected override LabOptions Options => new() { StartBoxes = false, StartServers = false };

    private LabHost Proxy => Lab["proxy"];

    [OneTimeSetUp]
    public async Task Prepare()
    {
        if (LabRequirements.Missing().Count > 0)
            return;
        foreach (var family in Families)
        {
            (await Proxy.RunAsync(
                "ip", "neigh", "replace", $"{Lab.AddressOf("core", family, "proxy")}", "lladdr", NextHop, "dev", Device, "nud", "permanent")).RequireSuccess();
        }

        (_device, _hardwareAddress) = Proxy.InNamespace(() =>
        {
            var device = NetworkInterface.GetAllNetworkInterfaces().Single(device => device.Name == Device);
            return ((int)Libc.if_nametoindex(Device), device.GetPhysicalAddress().GetAddressBytes());
        });
    }

    [SetUp]
    public void BeginEmpty()
    {
        _ipv4 = new BpfMap("test4", FastPathEntry.KeyLength(isIpv4: true), FastPathEntry.Length, 64);
        _ipv6 = new BpfMap("test6", FastPathEntry.KeyLength(isIpv4: false), FastPathEntry.Length, 64);
        _program = new BpfProgram("test", RelayProgram.Build(_ipv4, _ipv6));
    }

    [TearDown]
    public void Empty()
    {
        _program?.Dispose();
        _ipv4?.Dispose();
        _ipv6?.Dispose();
    }

    [TestCase("198.18.1.2:40000", "198.18.3.2:5125", "198.18.3.2:40001", "198.18.11.2:443")]
    [TestCase("[2001:db8:1::2]:40000", "[2001:db8:3::2]:5125", "[2001:db8:3::2]:40001", "[2001:db8:11::2]:443")]
    public void Segment_OfAKnownConnection_IsTranslatedAndSentOn(string from, string to, string newFrom, string newTo)
    {
        Carry(from, to, newFrom, newTo);
        for (var i = 0; i < 200; i++)
        {
            var random = new Random(i);
            var payload = new byte[random.Next(0, 1400)];
            random.NextBytes(payload);
            var (sequence, acknowledgment) = ((uint)random.NextInt64(), (uint)random.NextInt64());
            var flags = TcpFlags.Ack | (random.Next(2) == 0 ? TcpFlags.Psh : 0);
            byte[] Segment(string source, string destination) =>
                PacketBuilder.Segment(source, destination, flags).Sequence(sequence).Acknowledging(acknowledgment).Timestamps((uint)i, 7).Payload(payload).Build();
            var (returned, frame) = Run(Segment(from, to));

            Assert.That(returned, Is.EqualTo(SentOn), $"{i}");
            Assert.That(frame[..6], Is.EqualTo(PhysicalAddress.Parse(NextHop).GetAddressBytes()));
            Assert.That(frame[6..12], Is.EqualTo(_hardwareAddress));
            var packet = frame[FrameHeaderLength..];
            Assert.That(TcpPacket.Read(packet, out var read), Is.EqualTo(PacketDefect.None));
            Assert.That(InternetChecksum.TcpChecksumIsValid(packet, read.TcpOffset), $"{i}");
            var isIpv4 = read.Source.Address.IsIpv4;
            Assert.That(!isIpv4 || InternetChecksum.Compute(packet.AsSpan(0, read.TcpOffset)) == 0, $"{i}");
            var tcpOffset = read.TcpOffset;
            var expected = Segment(newFrom, newTo);
            expected[isIpv4 ? IpConstants.Ipv4TimeToLiveOffset : IpConstants.Ipv6HopLimitOffset]--;
            foreach (var octets in new[] { packet, expected })
            {
                octets.AsSpan(tcpOffset + TcpConstants.ChecksumOffset, 2).Clear();
                if (isIpv4)
                    octets.AsSpan(IpConstants.Ipv4ChecksumOffset, 2).Clear();
            }

            Assert.That(packet, Is.EqualTo(expected), $"{i}");
        }
    }

    [TestCase(TcpFlags.Syn)]
    [TestCase(TcpFlags.SynAck)]
    [TestCase(TcpFlags.Fin | TcpFlags.Ack)]
    [TestCase(TcpFlags.Rst)]
    [TestCase(TcpFlags.Rst | TcpFlags.Ack)]
    public void BeginningOrEnd_IsLeftAlone_AndEndsTheEntryOfItsDirection(TcpFlags flags)
    {
        foreach (var (from, to) in Connections())
        {
            Assert.That(Run(PacketBuilder.Ack(from, to).Build()).Returned, Is.EqualTo(SentOn));
            AssertLeftAlone(PacketBuilder.Segment(from, to, flags).Build());
            AssertLeftAlone(PacketBuilder.Ack(from, to).Build());
        }
    }

    [Test]
    public void WhatIsNoSegmentInTheMiddle_IsLeftAlone_AndTheEntryStays()
    {
        foreach (var (from, to) in Connections())
        {
            var isIpv4 = from[0] != '[';
            var plain = PacketBuilder.Ack(from, to).Payload(1, 2, 3).Build();
            foreach (var odd in Odd(plain, isIpv4))
                AssertLeftAlone(odd);
            AssertLeftAlone(isIpv4
                ? PacketBuilder.Ack(from, to).Ipv4Options(1, 1, 1, 1).Build()
                : PacketBuilder.Ack(from, to).Ipv6ExtensionHeader(60, 0, 1, 4, 0, 0, 0, 0).Build());
            Assert.That(Run(plain).Returned, Is.EqualTo(SentOn));
        }
    }

    [Test]
    public void SegmentOfAnother_IsLeftAlone()
    {
        foreach (var (from, to) in Connections())
        {
            AssertLeftAlone(PacketBuilder.Ack(to, from).Build());
            AssertLeftAlone(PacketBuilder.Ack(from, to.Replace("5125", "5126", StringComparison.Ordinal)).Build());
            AssertLeftAlone(PacketBuilder.Ack(from.Replace("40000", "40001", StringComparison.Ordinal), to).Build());
        }
    }

    // On the link, but nobody has been asked for its hardware address yet: the kernel does that.
    [TestCase("198.18.1.2:40000", "198.18.3.2:5125", "198.18.3.2:40001", "198.18.3.77:443")]
    [TestCase("[2001:db8:1::2]:40000", "[2001:db8:3::2]:5125", "[2001:db8:3::2]:40001", "[2001:db8:3::77]:443")]
    [TestCase("198.18.1.2:40000", "198.18.3.2:5125", "198.18.3.2:40001", "198.18.3.2:443")]
    public void Segment_WithoutANeighbour_OrForTheHostItself_IsLeftAlone(string from, string to, string newFrom, string newTo)
    {
        Carry(from, to, newFrom, newTo);
        AssertLeftAlone(PacketBuilder.Ack(from, to).Build());
    }

    [Test]
    public async Task Segment_TooLongForTheNextLink_IsLeftAlone()
    {
        (await Proxy.RunAsync("ip", "link", "set", Device, "mtu", "1300")).RequireSuccess();
        try
        {
            foreach (var (from, to) in Connections())
            {
                var headers = PacketBuilder.Ack(from, to).Build().Length;
                AssertLeftAlone(PacketBuilder.Ack(from, to).Payload(new byte[1301 - headers]).Build());
                Assert.That(Run(PacketBuilder.Ack(from, to).Payload(new byte[1300 - headers]).Build()).Returned, Is.EqualTo(SentOn));
            }
        }
        finally
        {
            (await Proxy.RunAsync("ip", "link", "set", Device, "mtu", "1500")).RequireSuccess();
        }
    }

    [Test]
    public void FirstSegment_IsForTheKernelsTracking()
    {
        foreach (var (from, to, newFrom, newTo) in Examples)
        {
            Set(from, to, newFrom, newTo);
            AssertLeftAlone(PacketBuilder.Ack(from, to).Build());
            Assert.That(Run(PacketBuilder.Ack(from, to).Build()).Returned, Is.EqualTo(SentOn));
        }
    }

    private static readonly (string From, string To, string NewFrom, string NewTo)[] Examples =
    [
        ("198.18.1.2:40000", "198.18.3.2:5125", "198.18.3.2:40001", "198.18.11.2:443"),
        ("[2001:db8:1::2]:40000", "[2001:db8:3::2]:5125", "[2001:db8:3::2]:40001", "[2001:db8:11::2]:443"),
    ];

    private List<(string From, string To)> Connections()
    {
        foreach (var (from, to, newFrom, newTo) in Examples)
            Carry(from, to, newFrom, newTo);
        return [.. Examples.Select(example => (example.From, example.To))];
    }

    private static IEnumerable<byte[]> Odd(byte[] plain, bool isIpv4)
    {
        byte[] With(int offset, byte value)
        {
            var packet = plain.ToArray();
            packet[offset] = value;
            if (isIpv4)
            {
                packet.AsSpan(IpConstants.Ipv4ChecksumOffset, 2).Clear();
                BinaryPrimitives.WriteUInt16BigEndian(
                    packet.AsSpan(IpConstants.Ipv4ChecksumOffset), InternetChecksum.Compute(packet.AsSpan(0, IpConstants.Ipv4MinimumHeaderLength)));
            }

            return packet;
        }

        yield return With(isIpv4 ? IpConstants.Ipv4TimeToLiveOffset : IpConstants.Ipv6HopLimitOffset, 1);
        yield return With(isIpv4 ? IpConstants.Ipv4TimeToLiveOffset : IpConstants.Ipv6HopLimitOffset, 0);
        yield return With(isIpv4 ? IpConstants.Ipv4ProtocolOffset : IpConstants.Ipv6NextHeaderOffset, 17);
        yield return plain[..((isIpv4 ? IpConstants.Ipv4MinimumHeaderLength : IpConstants.Ipv6HeaderLength) + 13)];
        if (!isIpv4)
            yield break;
        yield return With(IpConstants.Ipv4FragmentOffset, 0x20);
        yield return With(IpConstants.Ipv4FragmentOffset + 1, 1);
    }

    /// <summary>Makes an entry, and has the kernel's tracking have its segment.</summary>
    private void Carry(string from, string to, string newFrom, string newTo)
    {
        Set(from, to, newFrom, newTo);
        Run(PacketBuilder.Ack(from, to).Build());
    }

    private void Set(string from, string to, string newFrom, string newTo)
    {
        var (source, destination) = (HostEndpoint.Parse(from), HostEndpoint.Parse(to));
        var key = new byte[FastPathEntry.KeyLength(source.Address.IsIpv4)];
        var entry = new byte[FastPathEntry.Length];
        FastPathEntry.WriteKey(key, source, destination);
        FastPathEntry.Write(entry, key, HostEndpoint.Parse(newFrom), HostEndpoint.Parse(newTo));
        Assert.That((source.Address.IsIpv4 ? _ipv4 : _ipv6)!.Set(key, entry), Is.EqualTo(Errno.None));
    }

    private void AssertLeftAlone(byte[] packet)
    {
        var (returned, frame) = Run(packet);
        Assert.That(returned, Is.EqualTo(PassedOn), Convert.ToHexString(packet));
        Assert.That(frame[FrameHeaderLength..], Is.EqualTo(packet));
    }

    private (int Returned, byte[] Frame) Run(byte[] packet)
    {
        byte[] frame = [.. _hardwareAddress, 2, 0, 0, 0, 0, 9, .. packet[0] >> 4 == 4 ? new byte[] { 8, 0 } : [0x86, 0xDD], .. packet];
        var result = new byte[frame.Length];
        var (error, returned) = Proxy.InNamespace(() => (_program!.Try(_device, frame, result, out var value), value));
        Assert.That(error, Is.EqualTo(Errno.None));
        return (returned, result);
    }
}
