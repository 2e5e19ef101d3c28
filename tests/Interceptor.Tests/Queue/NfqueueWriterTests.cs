using Middlebox.Interceptor.Queue;

namespace Middlebox.Interceptor.Tests.Queue;

/// <summary>Bytes as libnetfilter_queue 1.0.5 sends them on a little-endian machine.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class NfqueueWriterTests
{
    private const ushort QueueNumber = 0x1068;

    private readonly byte[] _buffer = new byte[256];

    [SetUp]
    public void FillTheBuffer() => Array.Fill(_buffer, (byte)0xEE);

    [Test]
    public void Bind_IsAnAcknowledgedCommand()
    {
        var writer = new NfqueueWriter(_buffer, QueueNumber);
        writer.WriteBind();
        AssertWritten(
            writer.Length,
            "1C000000 0203 0500 00000000 00000000",
            "00 00 1068",
            "0800 0100 01 00 0000");
    }

    [Test]
    public void Parameters_AreCopyRangeLengthAndFailOpen()
    {
        var writer = new NfqueueWriter(_buffer, QueueNumber);
        writer.WriteParameters(4096, 1500);
        AssertWritten(
            writer.Length,
            "38000000 0203 0500 00000000 00000000",
            "00 00 1068",
            "0900 0200 000005DC 02 000000",
            "0800 0300 00001000",
            "0800 0400 00000001",
            "0800 0500 00000001");
    }

    [Test]
    public void Verdict_WithoutPacket()
    {
        var writer = new NfqueueWriter(_buffer, QueueNumber);
        writer.WriteVerdict(0x01020304, 0, []);
        AssertWritten(
            writer.Length,
            "20000000 0103 0100 00000000 00000000",
            "00 00 1068",
            "0C00 0200 00000000 01020304");
        Assert.That(writer.Length, Is.EqualTo(NfqueueWriter.VerdictLength));
    }

    // The attribute's length is that of the packet, the message's is padded, and the padding is zero.
    [TestCase(1, "0500 0A00 11 000000")]
    [TestCase(3, "0700 0A00 112233 00")]
    [TestCase(4, "0800 0A00 11223344")]
    [TestCase(5, "0900 0A00 1122334455 000000")]
    public void Verdict_WithPacket_IsPadded(int length, string attribute)
    {
        byte[] payload = [0x11, 0x22, 0x33, 0x44, 0x55];
        var writer = new NfqueueWriter(_buffer, QueueNumber);
        writer.WriteVerdict(7, 1, payload.AsSpan(0, length));
        AssertWritten(
            writer.Length,
            $"{(length > 4 ? "2C" : "28")}000000 0103 0100 00000000 00000000",
            "00 00 1068",
            "0C00 0200 00000001 00000007",
            attribute);
        Assert.That(writer.Length, Is.EqualTo(NfqueueWriter.VerdictLengthWith(length)));
    }

    [Test]
    public void BatchVerdict_IsOfItsOwnType()
    {
        var writer = new NfqueueWriter(_buffer, QueueNumber);
        writer.WriteBatchVerdict(9, 1);
        AssertWritten(
            writer.Length,
            "20000000 0303 0100 00000000 00000000",
            "00 00 1068",
            "0C00 0200 00000001 00000009");
    }

    [Test]
    public void Messages_StandOneBehindTheOther()
    {
        var writer = new NfqueueWriter(_buffer, QueueNumber);
        writer.WriteVerdict(1, 0, []);
        writer.WriteVerdict(2, 1, [0xAB]);
        writer.WriteBatchVerdict(3, 1);
        AssertWritten(
            writer.Length,
            "20000000 0103 0100 00000000 00000000 00001068 0C000200 00000000 00000001",
            "28000000 0103 0100 00000000 00000000 00001068 0C000200 00000001 00000002 05000A00 AB000000",
            "20000000 0303 0100 00000000 00000000 00001068 0C000200 00000001 00000003");
    }

    // The reader finds the borders between what the writer wrote, none of which it takes for a packet or an answer.
    [Test]
    public void Messages_ReadBack_AsManyAsWereWritten()
    {
        var writer = new NfqueueWriter(_buffer, QueueNumber);
        writer.WriteBind();
        writer.WriteParameters(16, 1500);
        writer.WriteVerdict(1, 1, [1, 2, 3, 4, 5]);
        writer.WriteBatchVerdict(2, 1);
        var reader = new NfqueueReader(_buffer.AsSpan(0, writer.Length));
        var count = 0;
        while (reader.MoveNext())
        {
            count++;
            Assert.That(reader.PacketId, Is.Null);
            Assert.That(reader.Acknowledgment, Is.Null);
        }

        Assert.That(count, Is.EqualTo(4));
    }

    private void AssertWritten(int length, params string[] expected)
    {
        Assert.That(
            Convert.ToHexString(_buffer, 0, length), Is.EqualTo(string.Concat(expected).Replace(" ", "", StringComparison.Ordinal)));
        Assert.That(_buffer[length..], Has.All.EqualTo(0xEE), "bytes behind the end");
    }
}
