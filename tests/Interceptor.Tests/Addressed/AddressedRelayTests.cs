using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.Injection;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests.Addressed;

/// <summary>What the proxy does with the packets of a host that names its server; promotion itself is tested beside <see cref="Promotion"/>.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AddressedRelayTests
{
    private const string Client = "198.18.1.2:40000";
    private const string Proxy = "198.18.3.2:5125";
    private const string Server = "198.18.11.2:80";

    private static readonly PacketMarks Marks = PacketMarks.Parse("0x0f000000");
    private static readonly FlowKey Addressed = new(HostEndpoint.Parse(Client), HostEndpoint.Parse(Proxy));

    private readonly RecordingTracking _tracking = new();
    private readonly RecordingSink _network = new();
    private readonly AddressedCounters _counters = new();
    private readonly ManualTimeProvider _time = new();
    private readonly AddressedRelay _relay;

    public AddressedRelayTests()
    {
        var policy = new ConverterPolicy([AddressPrefix.Parse("198.18.0.0/15")], [AddressPrefix.Any], PortSet.Any, hairpinning: true);
        _relay = new AddressedRelay(
            [HostEndpoint.Parse(Proxy)],
            new AddressedPolicy(policy, address => address == HostAddress.Parse("198.18.3.2")),
            new PromotionTable(capacity: 1, TimeSpan.FromMinutes(1), _time),
            new AddressedHandshakes(new RecordingTaker { Refusal = Reason.FlowLimit }, _tracking, _network, _network, Marks, new NegotiationOptions(), _counters, _time),
            new AddressedJoins(new ServedTokens(_time), _network, new DeferredPackets(_time)),
            _tracking,
            _network,
            Marks,
            _counters,
            _time);
    }

    [Test]
    public void Syn_IsTranslatedAndGoesOnWithoutTheOption()
    {
        var plain = Plain().Build();
        Assert.That(Handle(Named(Server)), Is.EqualTo(plain));
        Assert.That(_tracking.Entries[Addressed], Is.EqualTo(((HostAddress?)Addressed.Server.Address, (HostEndpoint?)HostEndpoint.Parse(Server), Marks.Observed)));
        Assert.That((_counters.Relayed, _counters.Pending), Is.EqualTo((1, 1)));
    }

    [Test]
    public void RepeatedSyn_IsTranslatedOnce()
    {
        Handle(Named(Server));
        Assert.That(Handle(Named(Server)), Is.EqualTo(Plain().Build()));
        Assert.That(_counters.Relayed, Is.EqualTo(1));
    }

    [Test]
    public void NewSyn_ToAnotherServer_TakesThePlaceOfAnEndedConnection()
    {
        Handle(Named(Server));
        Handle(Named("198.18.11.3:80", isn: 77));
        Assert.That(_tracking.Entries[Addressed].Destination, Is.EqualTo(HostEndpoint.Parse("198.18.11.3:80")));
    }

    // Anybody can send a SYN with somebody's address.
    [Test]
    public void NewSyn_OfALivingConnection_DoesNotEndIt()
    {
        Handle(Named(Server));
        _tracking.State = 3;
        var forged = Named("198.18.11.3:80", isn: 77);
        Assert.That(Handle(forged), Is.EqualTo(forged));
        Assert.That(_tracking.Entries[Addressed].Destination, Is.EqualTo(HostEndpoint.Parse(Server)));
        Assert.That(_counters.Refused()[AddressedRefusal.NotTracked], Is.EqualTo(1));
    }

    [TestCase("127.0.0.1:80", AddressedRefusal.InvalidDestination)]
    [TestCase("224.0.0.1:80", AddressedRefusal.InvalidDestination)]
    [TestCase("198.18.11.2:0", AddressedRefusal.InvalidDestination)]
    [TestCase("169.254.0.1:80", AddressedRefusal.ServerNotAllowed)]
    [TestCase("198.18.3.2:80", AddressedRefusal.OwnAddress)]
    [TestCase("[2001:db8::1]:80", AddressedRefusal.OtherFamily)]
    public void Server_ThatIsNotAllowed_TheSynStaysAsItIs(string server, AddressedRefusal refusal)
    {
        var syn = Named(server, PacketBuilder.Syn(Client, Proxy).MpCapable());
        Assert.That(Handle(syn), Is.EqualTo(syn));
        Assert.That(_counters.Refused(), Is.EqualTo(new Dictionary<AddressedRefusal, long> { [refusal] = 1 }));
        Assert.That(_tracking.Entries, Is.Empty);
    }

    [Test]
    public void Client_ThatIsNotAllowed_TheSynStaysAsItIs()
    {
        var syn = Named(Server, PacketBuilder.LinuxMptcpSyn("192.0.2.1:40000", Proxy));
        Assert.That(Handle(syn), Is.EqualTo(syn));
        Assert.That(_counters.Refused().Keys, Is.EqualTo(new[] { AddressedRefusal.ClientNotAllowed }));
    }

    [Test]
    public void FullTableOfTheKernel_TheSynStaysAsItIs()
    {
        _tracking.IsFull = true;
        var syn = Named(Server);
        Assert.That(Handle(syn), Is.EqualTo(syn));
        Assert.That(_counters.Refused().Keys, Is.EqualTo(new[] { AddressedRefusal.NotTracked }));
    }

    [Test]
    public void NoRoomToLookAtIt_IsRelayedAllTheSame()
    {
        Handle(Named(Server));
        var other = PacketBuilder.LinuxMptcpSyn("198.18.1.2:40001", Proxy);
        Handle(Named(Server, other));
        Assert.That(_tracking.Entries[Addressed with { Client = HostEndpoint.Parse("198.18.1.2:40001") }].Mark, Is.EqualTo(Marks.Relayed));
        Assert.That(_counters.Unobserved, Is.EqualTo(1));
    }

    [Test]
    public void LegacyServer_ForWhichTheBoxDoesNotAct_IsNotLookedAtAnyMore()
    {
        Handle(Named(Server));
        Handle(PacketBuilder.SynAck(Server, Client).Acknowledging(1).Build());
        Assert.That(_tracking.Entries[Addressed].Mark, Is.EqualTo(Marks.Relayed));
        Assert.That(_counters.Ended(), Is.EqualTo(new Dictionary<PromotionState, long> { [PromotionState.Plain] = 1 }));
        Assert.That(_network.Packets, Is.Empty);
    }

    // Only a host that has connected to the proxy itself must not join there.
    [TestCase(false, MpCapableFlags.HmacSha256 | MpCapableFlags.DenyJoinInitialAddress)]
    [TestCase(true, MpCapableFlags.HmacSha256)]
    public void SynAck_TellsWhereNotToJoin(bool isTransparent, MpCapableFlags expected)
    {
        Handle(Named(Server, Plain(), isTransparent));
        var capable = new byte[12];
        MpCapable.SynAck(MpCapableFlags.HmacSha256, 7).Write(capable);
        var answer = Handle(PacketBuilder.SynAck(Server, Client).Acknowledging(1).Option(capable).Build());
        TcpPacket.Read(answer, out var segment);
        Assert.That(HandshakeOptions.Read(segment.Options).MpCapableFlags, Is.EqualTo(expected));
        Assert.That(InternetChecksum.TcpChecksumIsValid(answer, segment.TcpOffset), Is.True);
    }

    [Test]
    public void TooLong_IsNotLookedAtAnyMore()
    {
        Handle(Named(Server));
        _time.Advance(TimeSpan.FromMinutes(1));
        _relay.Round();
        Assert.That(_tracking.Entries[Addressed].Mark, Is.EqualTo(Marks.Relayed));
        Assert.That(_counters.Ended().Keys, Is.EqualTo(new[] { PromotionState.Ended }));
    }

    [Test]
    public void OtherPackets_PassAsTheyAre([Values(0, 1, 20, 60)] int length)
    {
        var packet = PacketBuilder.LinuxMptcpSyn(Client, Server).Build()[..length];
        Assert.That(Handle(packet), Is.EqualTo(packet));
    }

    private static PacketBuilder Plain() => PacketBuilder.LinuxMptcpSyn(Client, Proxy);

    private static byte[] Named(string server, uint isn = 0) => Named(server, Plain().Isn(isn));

    private static byte[] Named(string server, PacketBuilder syn, bool isTransparent = true)
    {
        var packet = syn.Build();
        byte[] buffer = [.. packet, .. new byte[AddressedSyn.MaximumGrowth]];
        var length = packet.Length;
        Assert.That(AddressedSyn.TryName(buffer, ref length, new DestinationOption(HostEndpoint.Parse(server), isTransparent)), Is.True);
        return buffer[..length];
    }

    private byte[] Handle(byte[] packet)
    {
        byte[] buffer = [.. packet, .. new byte[40]];
        return buffer[.._relay.Handle(buffer, packet.Length)];
    }
}
