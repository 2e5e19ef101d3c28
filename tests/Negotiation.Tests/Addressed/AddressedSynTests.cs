using FsCheck.Fluent;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Tests.Wire;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Addressed;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class AddressedSynTests
{
    private static readonly DestinationOption Ipv4Server = new(HostEndpoint.Parse("198.18.11.2:80"), IsTransparent: false);
    private static readonly DestinationOption Ipv6Server = new(HostEndpoint.Parse("[2001:db8:11::2]:80"), IsTransparent: true);

    [Test]
    public void Ipv4_FitsBesideTheOptionsOfLinux_AndGoesWithoutATrace()
    {
        var syn = PacketBuilder.LinuxMptcpSyn("198.18.1.2:40000", "198.18.3.2:5125").Build();
        var named = Named(syn, Ipv4Server);
        Assert.That(PlainReader.Read(named).Options, Has.Length.EqualTo(36));
        Assert.That(Stripped(named, out var server), Is.EqualTo(syn));
        Assert.That(server, Is.EqualTo(Ipv4Server));
    }

    [Test]
    public void Ipv6_TakesThePlaceOfTimestamps()
    {
        var syn = PacketBuilder.LinuxMptcpSyn("[2001:db8:1::2]:40000", "[2001:db8:3::2]:5125").Build();
        var stripped = Stripped(Named(syn, Ipv6Server), out var server);
        Assert.That(server, Is.EqualTo(Ipv6Server));
        TcpPacket.Read(stripped, out var segment);
        var options = HandshakeOptions.Read(segment.Options);
        Assert.That((options.HasTimestamps, options.MpCapable), Is.EqualTo((false, MpCapableKind.Version1)));
        Assert.That((options.Mss, options.WindowScale, options.SackPermitted), Is.EqualTo(((ushort?)1460, (byte?)7, true)));
    }

    [TestCase("198.18.1.2:40000", "198.18.3.2:5125", "198.18.11.2:80", true)]
    [TestCase("[2001:db8:1::2]:40000", "[2001:db8:3::2]:5125", "[2001:db8:11::2]:80", false)]
    public void Tag_FitsAmongTheOptionsOfLinux(string client, string proxy, string server, bool withTimestamps)
    {
        var destination = new DestinationOption(HostEndpoint.Parse(server), IsTransparent: true, new DestinationTag(1, 0x01020304));
        var named = Named(PacketBuilder.LinuxMptcpSyn(client, proxy).Build(), destination);
        TcpPacket.Read(named, out var segment);
        var options = HandshakeOptions.Read(segment.Options);
        Assert.That((segment.Options.Length, options.HasTimestamps, options.MpCapable), Is.EqualTo((40, withTimestamps, MpCapableKind.Version1)));
        Stripped(named, out var read);
        Assert.That(read, Is.EqualTo(destination));
    }

    [Test]
    public void NoRoom_NothingIsChanged()
    {
        var syn = PacketBuilder.Syn("198.18.1.2:40000", "198.18.3.2:5125").Option([253, 36, .. new byte[34]]).Build();
        byte[] buffer = [.. syn, .. new byte[AddressedSyn.MaximumGrowth]];
        var length = syn.Length;
        Assert.That(AddressedSyn.TryName(buffer, ref length, Ipv4Server), Is.False);
        Assert.That(buffer[..length], Is.EqualTo(syn));
    }

    [Test]
    public void TwoDestinations_AreNone()
    {
        var twice = Named(Named(PacketBuilder.Syn("198.18.1.2:40000", "198.18.3.2:5125").Build(), Ipv4Server), Ipv4Server);
        TcpPacket.Read(twice, out var segment);
        Assert.That(AddressedSyn.TryRead(segment.Options, out _, out _), Is.False);
    }

    [Test]
    public void MalformedOptionBehindTheDestination_IsNone()
    {
        byte[] options = [30, 10, 0xF0, 1, 198, 18, 11, 2, 0, 80, 8, 0];
        Assert.That(AddressedSyn.TryRead(options, out _, out _), Is.False);
    }

    [Test]
    public void AnySyn_NamedAndStripped_HasItsOtherOptionsAndRightChecksums() => WireGen.Holds(
        from fields in WireGen.Fields
        from options in WireGen.Options
        from server in WireGen.Endpoint
        from isTransparent in WireGen.Bit
        from isTagged in WireGen.Bit
        select (syn: Write(fields, options), server: new DestinationOption(server, isTransparent, isTagged ? new DestinationTag(7, 0xA1A2A3A4) : null)),
        static sample =>
        {
            byte[] buffer = [.. sample.syn, .. new byte[AddressedSyn.MaximumGrowth]];
            var length = sample.syn.Length;
            if (!AddressedSyn.TryName(buffer, ref length, sample.server))
                return length == sample.syn.Length && buffer.AsSpan(0, length).SequenceEqual(sample.syn);

            var named = buffer[..length];
            TcpPacket.Read(named, out var segment);
            // Options at random may hold a destination already: then there are two.
            if (!AddressedSyn.TryRead(segment.Options, out var server, out var offset))
                return true;
            var stripped = named[..AddressedSyn.Strip(named, segment.TcpOffset, server, offset)];
            return server == sample.server
                && PlainReader.Read(stripped).Text == PlainReader.Read(sample.syn).Text
                && IsSound(stripped)
                && KindsOf(stripped).SequenceEqual(KindsOf(sample.syn))
                | KindsOf(stripped).SequenceEqual(KindsOf(sample.syn, leaveOut: 8));
        });

    [Test]
    public void AnyOptions_AreReadWithoutAFault() => WireGen.Holds(
        Gen.Choose(0, 40).SelectMany(WireGen.Octets),
        static options => !AddressedSyn.TryRead(options, out _, out var offset) || offset <= options.Length - 10);

    [Test]
    [NonParallelizable]
    public void NamingAndStripping_AllocateNothing()
    {
        var syn = PacketBuilder.LinuxMptcpSyn("[2001:db8:1::2]:40000", "[2001:db8:3::2]:5125").Build();
        var buffer = new byte[syn.Length + AddressedSyn.MaximumGrowth];
        Run(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                syn.CopyTo(buffer, 0);
                var length = syn.Length;
                AddressedSyn.TryName(buffer, ref length, Ipv6Server);
                TcpPacket.Read(buffer.AsSpan(0, length), out var segment);
                AddressedSyn.TryRead(segment.Options, out var server, out var offset);
                AddressedSyn.Strip(buffer, segment.TcpOffset, server, offset);
            }
        }
    }

    private static byte[] Named(byte[] syn, DestinationOption server)
    {
        byte[] buffer = [.. syn, .. new byte[AddressedSyn.MaximumGrowth]];
        var length = syn.Length;
        Assert.That(AddressedSyn.TryName(buffer, ref length, server), Is.True);
        return buffer[..length];
    }

    private static byte[] Stripped(byte[] named, out DestinationOption server)
    {
        TcpPacket.Read(named, out var segment);
        Assert.That(AddressedSyn.TryRead(segment.Options, out server, out var offset), Is.True);
        return named[..AddressedSyn.Strip(named, segment.TcpOffset, server, offset)];
    }

    private static byte[] Write(TcpSegmentFields fields, byte[] options)
    {
        var packet = new byte[200];
        return packet[..TcpSegmentWriter.Write(packet, fields, options, [])];
    }

    private static bool IsSound(byte[] packet)
    {
        TcpPacket.Read(packet, out var segment);
        return InternetChecksum.TcpChecksumIsValid(packet, segment.TcpOffset);
    }

    private static List<byte> KindsOf(byte[] packet, byte? leaveOut = null)
    {
        TcpPacket.Read(packet, out var segment);
        List<byte> kinds = [];
        var reader = new TcpOptionReader(segment.Options);
        while (reader.MoveNext())
        {
            if (reader.Kind != TcpOptionKind.NoOperation && (byte)reader.Kind != leaveOut)
                kinds.Add((byte)reader.Kind);
        }

        return kinds;
    }
}
