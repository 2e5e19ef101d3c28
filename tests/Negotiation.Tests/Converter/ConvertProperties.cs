using FsCheck;
using FsCheck.Fluent;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Tests.Wire;

namespace Middlebox.Negotiation.Tests.Converter;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ConvertProperties
{
    private static Gen<byte[]> Tlv { get; } =
        from type in Gen.OneOf(Gen.Elements<byte>(0x01, 0x0A, 0x14, 0x15, 0x16, 0x1E), WireGen.Octet)
        from words in Gen.Choose(1, 8)
        from content in WireGen.Octets(words * 4)
        select (byte[])[type, (byte)words, .. content[2..]];

    private static Gen<byte[]> Tlvs { get; } =
        Gen.Choose(0, 6).SelectMany(count => Tlv.ArrayOf(count)).Select(tlvs => tlvs.SelectMany(tlv => tlv).ToArray());

    private static Gen<(HostEndpoint Server, byte[] Options, byte[] Cookie, bool Asks)> Request { get; } =
        from server in WireGen.Endpoint
        from options in WireGen.Options
        from cookieWords in Gen.Choose(1, 20)
        from cookie in WireGen.Octets(cookieWords * 4)
        from asks in WireGen.Bit
        select (server, options.Take(options.Length / 4 * 4).ToArray(), cookie, asks);

    [Test]
    public void AnyRequest_RoundTrips() => WireGen.Holds(Request, static sample =>
    {
        var refusal = ConvertRequest.Read(Write(sample), out var request);
        return refusal == ConvertRefusal.None
            && request.Server == sample.Server
            && request.TcpOptions.SequenceEqual(sample.Options)
            && request.Cookie.SequenceEqual(sample.Cookie)
            && request.AsksForExtensions == sample.Asks;
    });

    // The total length says where the message ends (section 9): a shorter one never passes for whole.
    [Test]
    public void AnyRequest_CutAtAnyWord_IsMalformedOrAsksForLess() => WireGen.Holds(
        from request in Request
        from words in Gen.Choose(1, 40)
        select (request, words),
        static sample =>
        {
            var message = Write(sample.request);
            var length = Math.Min(sample.words * 4, message.Length - 4);
            return ConvertRequest.Read(message.AsSpan(0, length), out var request) != ConvertRefusal.None || request.HasCookie is false;
        });

    [Test]
    public void AnyOctets_AreReadWithoutFail_ByBothSides() => WireGen.Holds(
        Gen.OneOf(Tlvs, WireGen.Octets(64), WireGen.Octets(1016)),
        static tlvs =>
        {
            byte[] message = [1, (byte)(1 + (tlvs.Length / 4)), 0x22, 0x63, .. tlvs];
            var refusal = ConvertRequest.Read(message, out var request);
            ConvertReply.TryRead(message, out _);
            var unsupported = new byte[message.Length];
            new ConnectOptions().Check(request.TcpOptions, unsupported, out var count);
            return count <= request.TcpOptions.Length && (refusal != ConvertRefusal.None || request.Server is not null || request.AsksForExtensions);
        });

    [Test]
    public void AnyPacket_IsReadWithoutFailAsAServersAnswer() => WireGen.Holds(
        from length in Gen.Choose(0, 80)
        from version in Gen.Elements<byte>(0x45, 0x46, 0x4F, 0x40, 0x60, 0x00)
        from protocol in Gen.Elements<byte>(1, 6, 58, 17)
        from octets in WireGen.Octets(80)
        select (length, version, protocol, octets),
        static sample =>
        {
            var packet = sample.octets.AsSpan(0, sample.length).ToArray();
            if (packet.Length > 21)
                (packet[0], packet[9], packet[6], packet[20]) = (sample.version, sample.protocol, sample.protocol, (byte)(sample.octets[20] % 5));
            ServerAnswer.TryRead(packet, out _);
            return true;
        });

    private static byte[] Write((HostEndpoint Server, byte[] Options, byte[] Cookie, bool Asks) sample)
    {
        var writer = new ConvertMessageWriter(new byte[ConvertConstants.MaximumMessageLength]);
        writer.AddConnect(sample.Server, sample.Options);
        if (sample.Asks)
            writer.AddInfo();
        writer.AddCookie(sample.Cookie);
        return writer.Finish().ToArray();
    }
}
