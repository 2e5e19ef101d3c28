using FsCheck;
using FsCheck.Fluent;
using Middlebox.Interceptor.Queue;

namespace Middlebox.Interceptor.Tests.Queue;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class NfqueueReaderTests
{
    private static readonly byte[] Payload = [0x45, 0, 0, 21, 1, 2, 3];

    private static readonly byte[] Datagram =
    [
        .. QueueMessages.Packet(1, Payload),
        .. QueueMessages.Error(-16),
        .. QueueMessages.Packet(2, [0x60]),
        .. QueueMessages.Message(
            QueueMessages.PacketMessage,
            [.. QueueMessages.Header(), .. QueueMessages.PacketHeader(3), .. QueueMessages.Attribute(10, Payload),
                .. QueueMessages.Attribute(13, [0, 0, 9, 9])]),
    ];

    [Test]
    public void SeveralMessages_AreReadInOrder() => Assert.That(
        Read(Datagram),
        Is.EqualTo(new[] { "packet 1: 45000015010203", "answer -16", "packet 2: 60", "packet 3: 45000015010203 cut" }));

    [Test]
    public void Attributes_InAnyOrderAndAmongOthers()
    {
        byte[] id = QueueMessages.PacketHeader(7);
        byte[] payload = QueueMessages.Attribute(10, Payload);
        byte[] mark = QueueMessages.Attribute(3, [0, 0, 0, 1]);
        byte[] hardwareAddress = QueueMessages.Attribute(9, [0, 6, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0]);
        byte[][][] orders = [[id, payload], [payload, id], [mark, id, hardwareAddress, payload], [payload, mark, hardwareAddress, id]];
        foreach (var order in orders)
        {
            var datagram = QueueMessages.Message(
                QueueMessages.PacketMessage, [.. QueueMessages.Header(), .. order.SelectMany(bytes => bytes)]);
            Assert.That(Read(datagram), Is.EqualTo(new[] { "packet 7: 45000015010203" }));
        }
    }

    // NLA_F_NESTED and NLA_F_NET_BYTEORDER are no part of the type.
    [Test]
    public void Attribute_TypeWithFlagBits_IsKnown() => Assert.That(
        Read(QueueMessages.Message(
            QueueMessages.PacketMessage,
            [.. QueueMessages.Header(), .. QueueMessages.PacketHeader(7), .. QueueMessages.Attribute(10 | 0x8000, Payload)])),
        Is.EqualTo(new[] { "packet 7: 45000015010203" }));

    [TestCase(0, "answer 0")]
    [TestCase(-1, "answer -1")]
    public void Answer_IsTheErrno(int error, string expected) =>
        Assert.That(Read(QueueMessages.Error(error)), Is.EqualTo(new[] { expected }));

    [Test]
    public void PacketWithoutId_IsNone() => Assert.That(
        Read(QueueMessages.Message(
            QueueMessages.PacketMessage, [.. QueueMessages.Header(), .. QueueMessages.Attribute(10, Payload)])),
        Is.EqualTo(new[] { "nothing" }));

    [Test]
    public void PacketWithoutPayload_HasItsIdStill() => Assert.That(
        Read(QueueMessages.Message(QueueMessages.PacketMessage, [.. QueueMessages.Header(), .. QueueMessages.PacketHeader(7)])),
        Is.EqualTo(new[] { "packet 7: " }));

    [TestCase((ushort)3, Description = "NLMSG_DONE")]
    [TestCase((ushort)0x0302, Description = "a configuration message")]
    public void OtherMessage_IsPassedOver(ushort type)
    {
        byte[] datagram = [.. QueueMessages.Message(type, new byte[12]), .. QueueMessages.Packet(1, [0x45])];
        Assert.That(Read(datagram), Is.EqualTo(new[] { "nothing", "packet 1: 45" }));
    }

    [Test]
    public void Fields_OfOneMessage_DoNotLeakIntoTheNext()
    {
        byte[] datagram = [.. Datagram, .. QueueMessages.Message(3, [])];
        Assert.That(Read(datagram)[^1], Is.EqualTo("nothing"));
    }

    [Test]
    public void Payload_IsInTheDatagramItself()
    {
        var datagram = QueueMessages.Packet(1, [1, 2, 3]);
        var reader = new NfqueueReader(datagram);
        reader.MoveNext();
        reader.Payload[0] = 99;
        Assert.That(Read(datagram), Is.EqualTo(new[] { "packet 1: 630203" }));
    }

    [Test]
    public void DatagramCutAnywhere_YieldsTheWholeMessagesBefore()
    {
        var all = Read(Datagram);
        for (var length = 0; length < Datagram.Length; length++)
        {
            var read = Read(Datagram[..length]);
            Assert.That(read, Is.EqualTo(all[..read.Count]));
        }
    }

    // Every message takes at least its header, so a datagram has at most a sixteenth as many.
    [Test]
    public void AnyMutation_NeitherThrowsNorLoopsNorReadsBeyond()
    {
        var mutations =
            from length in Gen.Choose(0, Datagram.Length)
            from changes in Gen.Choose(0, 6).SelectMany(count =>
                (from at in Gen.Choose(0, Datagram.Length - 1)
                 from value in Gen.OneOf(Gen.Elements(0, 1, 3, 4, 15, 16, 17, 255), Gen.Choose(0, 255))
                 select (at, (byte)value)).ArrayOf(count))
            select (length, changes);
        Prop.ForAll(mutations.ToArbitrary(), static sample =>
        {
            var bytes = (byte[])Datagram.Clone();
            foreach (var (at, value) in sample.changes)
                bytes[at] = value;
            return Read(bytes[..sample.length]).Count <= sample.length / 16;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    private static List<string> Read(byte[] datagram)
    {
        List<string> messages = [];
        var reader = new NfqueueReader(datagram);
        while (reader.MoveNext())
        {
            messages.Add((reader.PacketId, reader.Acknowledgment) switch
            {
                ({ } id, _) => $"packet {id}: {Convert.ToHexString(reader.Payload)}{(reader.IsCut ? " cut" : "")}",
                (_, { } error) => $"answer {error}",
                _ => "nothing",
            });
        }

        return messages;
    }
}
