using System.Net.Sockets;
using FsCheck;
using FsCheck.Fluent;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine.Tests.Relay;

/// <summary>The semantics of TCP survive the relay: real sockets at both ends.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class FlowTests
{
    [Test]
    public void Bytes_EachWay_ArriveAndAreCounted()
    {
        using var bench = new RelayBench();
        bench.Client.Send("GET /"u8);
        Assert.That(RelayBench.Receive(bench.Server, 5), Is.EqualTo("GET /"u8.ToArray()));
        bench.Server.Send("200"u8);
        Assert.That(RelayBench.Receive(bench.Client, 3), Is.EqualTo("200"u8.ToArray()));

        bench.Client.Shutdown(SocketShutdown.Send);
        bench.Server.Shutdown(SocketShutdown.Send);
        Assert.That(bench.End, Is.EqualTo(FlowEnd.Finished));
        Assert.That((bench.Flow.BytesUp, bench.Flow.BytesDown), Is.EqualTo((5, 3)));
    }

    [Test]
    public void ServerSpeaksFirst_ClientHearsIt()
    {
        using var bench = new RelayBench();
        bench.Server.Send("220 ready"u8);
        Assert.That(RelayBench.Receive(bench.Client, 9), Is.EqualTo("220 ready"u8.ToArray()));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void HalfClose_OtherDirectionGoesOn(bool isClients)
    {
        using var bench = new RelayBench();
        var (first, second) = isClients ? (bench.Client, bench.Server) : (bench.Server, bench.Client);
        first.Send("last words"u8);
        first.Shutdown(SocketShutdown.Send);
        Assert.That(RelayBench.Receive(second, 10), Is.EqualTo("last words"u8.ToArray()));
        Assert.That(second.Receive(new byte[1]), Is.Zero, "the end is passed on");

        var answer = Pattern(3_000_000, seed: 1);
        var sending = Task.Run(() =>
        {
            second.Send(answer);
            second.Shutdown(SocketShutdown.Send);
        });
        Assert.That(RelayBench.Receive(first, answer.Length).AsSpan().SequenceEqual(answer), Is.True);
        Assert.That(first.Receive(new byte[1]), Is.Zero);
        sending.Wait();
        Assert.That(bench.End, Is.EqualTo(FlowEnd.Finished));
    }

    [Test]
    public void BothClose_NothingSaid_Finished()
    {
        using var bench = new RelayBench();
        bench.Client.Shutdown(SocketShutdown.Send);
        bench.Server.Shutdown(SocketShutdown.Send);
        Assert.That(bench.End, Is.EqualTo(FlowEnd.Finished));
        Assert.That(bench.Client.Receive(new byte[1]) + bench.Server.Receive(new byte[1]), Is.Zero);
    }

    [TestCase(true, FlowEnd.ClientReset)]
    [TestCase(false, FlowEnd.ServerReset)]
    public void Reset_OtherSideIsReset(bool isClients, FlowEnd expected)
    {
        using var bench = new RelayBench();
        var (resetting, other) = isClients ? (bench.Client, bench.Server) : (bench.Server, bench.Client);
        resetting.Send("x"u8);
        RelayBench.Receive(other, 1);
        RelayBench.Reset(resetting);
        Assert.That(bench.End, Is.EqualTo(expected));
        AssertReset(other);
    }

    [TestCase(true, FlowEnd.ClientReset)]
    [TestCase(false, FlowEnd.ServerReset)]
    public void Reset_AfterItsHalfClose_OtherSideIsReset(bool isClients, FlowEnd expected)
    {
        using var bench = new RelayBench();
        var (resetting, other) = isClients ? (bench.Client, bench.Server) : (bench.Server, bench.Client);
        resetting.Shutdown(SocketShutdown.Send);
        Assert.That(other.Receive(new byte[1]), Is.Zero);
        RelayBench.Reset(resetting);

        // An endpoint that has sent its FIN and is closed answers the next data with a RST, if not before.
        try
        {
            other.Send("are you there?"u8);
        }
        catch (SocketException)
        {
            // The reset was faster.
        }

        Assert.That(bench.End, Is.EqualTo(expected));
        Assert.That(() => other.Send("hello?"u8), Throws.InstanceOf<SocketException>(), "it has read the end, so it writes");
    }

    [TestCase(true, FlowEnd.ClientReset)]
    [TestCase(false, FlowEnd.ServerReset)]
    public void Reset_WhileBytesWaitForIt_OtherSideIsReset(bool isClients, FlowEnd expected)
    {
        using var bench = new RelayBench(bufferLength: 4096, socketBufferLength: 4096);
        var (resetting, other) = isClients ? (bench.Client, bench.Server) : (bench.Server, bench.Client);
        other.Blocking = false;
        SendUntilFull(other);
        RelayBench.Reset(resetting);
        Assert.That(bench.End, Is.EqualTo(expected));
        other.Blocking = true;
        AssertReset(other);
    }

    [TestCase(true, FlowEnd.ClientReset)]
    [TestCase(false, FlowEnd.ServerReset)]
    public void Reset_AfterLastWords_AreHeardBeforeTheReset(bool isClients, FlowEnd expected)
    {
        // The other side reads late, so that most of the last words wait in the box when the reset comes.
        using var bench = new RelayBench(bufferLength: 4096, socketBufferLength: 4096);
        var (resetting, other) = isClients ? (bench.Client, bench.Server) : (bench.Server, bench.Client);
        var lastWords = Pattern(40_000, seed: 3);
        SendAndAwaitAcknowledgment(resetting, lastWords);
        RelayBench.Reset(resetting);

        Assert.That(RelayBench.Receive(other, lastWords.Length), Is.EqualTo(lastWords));
        AssertReset(other);
        Assert.That(bench.End, Is.EqualTo(expected));
    }

    [Test]
    public void Reset_WithUnreadUpload_RefusalIsHeard()
    {
        using var bench = new RelayBench();
        bench.Client.Send(new byte[300_000]);
        RelayBench.Receive(bench.Server, 1);
        SendAndAwaitAcknowledgment(bench.Server, "413 too large"u8.ToArray());

        // Closed with data unread, so with a RST (RFC 2525 section 2.17).
        bench.Server.Dispose();

        Assert.That(RelayBench.Receive(bench.Client, 13), Is.EqualTo("413 too large"u8.ToArray()));
        AssertReset(bench.Client);
        Assert.That(bench.End, Is.EqualTo(FlowEnd.ServerReset));
    }

    [Test]
    public void Reset_AfterLastWords_OtherSideNeverReads_EndsInTime()
    {
        using var bench = new RelayBench(bufferLength: 4096, socketBufferLength: 4096, drainMilliseconds: 100);
        SendAndAwaitAcknowledgment(bench.Server, Pattern(40_000, seed: 3));
        RelayBench.Reset(bench.Server);
        Assert.That(bench.End, Is.EqualTo(FlowEnd.ServerReset));
    }

    [Test]
    public void Reset_AfterLastWords_OtherSideResetsToo_EndsAtOnce()
    {
        using var bench = new RelayBench(bufferLength: 4096, socketBufferLength: 4096, drainMilliseconds: 60_000);
        SendAndAwaitAcknowledgment(bench.Server, Pattern(40_000, seed: 3));
        RelayBench.Reset(bench.Server);
        RelayBench.Reset(bench.Client);
        Assert.That(bench.End, Is.EqualTo(FlowEnd.ServerReset).Or.EqualTo(FlowEnd.ClientReset));
    }

    [Test]
    public void Stop_BothSidesAreReset()
    {
        using var bench = new RelayBench();
        bench.Client.Send("x"u8);
        RelayBench.Receive(bench.Server, 1);
        bench.Stop();
        Assert.That(bench.End, Is.EqualTo(FlowEnd.Stopped));
        AssertReset(bench.Client);
        AssertReset(bench.Server);
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(4096)]
    [TestCase(262_144)]
    public void Bulk_BothWaysAtOnce_ArrivesByteForByte(int bufferLength)
    {
        using var bench = new RelayBench(bufferLength);
        var length = Math.Min(8_000_000, 20_000 * bufferLength);
        AssertExchanged(bench, [Pattern(length, 1)], [Pattern(length, 2)]);
    }

    [Test]
    public void AnyChunks_BothWaysAtOnce_ArriveByteForByte()
    {
        var chunks = Gen.Choose(0, 20).SelectMany(count => Gen.OneOf(Gen.Choose(1, 20), Gen.Choose(1, 30_000)).ArrayOf(count));
        var samples =
            from up in chunks
            from down in chunks
            from bufferLength in Gen.OneOf(Gen.Choose(1, 16), Gen.Choose(1000, 70_000))
            from socketBuffer in Gen.Elements(0, 150_000)
            select (up, down, bufferLength, socketBuffer);
        Prop.ForAll(samples.ToArbitrary(), static sample =>
        {
            using var bench = new RelayBench(sample.bufferLength, sample.socketBuffer);
            AssertExchanged(bench, Cut(sample.up, 1), Cut(sample.down, 2));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

        static byte[][] Cut(int[] lengths, int seed) => [.. lengths.Select((length, i) => Pattern(length, seed + i))];
    }

    private static void AssertExchanged(RelayBench bench, byte[][] up, byte[][] down)
    {
        byte[][] received = [[], []];
        Action[] peers =
        [
            () => Send(bench.Client, up),
            () => Send(bench.Server, down),
            () => received[0] = ReceiveAll(bench.Server),
            () => received[1] = ReceiveAll(bench.Client),
        ];
        Task.WaitAll([.. peers.Select(peer => Task.Factory.StartNew(peer, TaskCreationOptions.LongRunning))]);
        Assert.That(received[0].AsSpan().SequenceEqual(up.SelectMany(chunk => chunk).ToArray()), Is.True, "up");
        Assert.That(received[1].AsSpan().SequenceEqual(down.SelectMany(chunk => chunk).ToArray()), Is.True, "down");
        Assert.That(bench.End, Is.EqualTo(FlowEnd.Finished));
        Assert.That(bench.Flow.BytesUp, Is.EqualTo(received[0].Length));
        Assert.That(bench.Flow.BytesDown, Is.EqualTo(received[1].Length));
    }

    private static void Send(Socket peer, byte[][] chunks)
    {
        foreach (var chunk in chunks)
            peer.Send(chunk);
        peer.Shutdown(SocketShutdown.Send);
    }

    private static byte[] ReceiveAll(Socket peer)
    {
        using var all = new MemoryStream();
        var buffer = new byte[65536];
        while (peer.Receive(buffer) is > 0 and var count)
            all.Write(buffer, 0, count);
        return all.ToArray();
    }

    /// <summary>A RST discards what the sender's kernel still holds, but not what the receiver's has acknowledged.</summary>
    private static void SendAndAwaitAcknowledgment(Socket peer, byte[] bytes)
    {
        peer.Send(bytes);
        Assert.That(() => Unacknowledged(peer), Is.Zero.After(10_000, 1));

        // struct tcp_info of linux/tcp.h: packets in flight and bytes not sent yet.
        static uint Unacknowledged(Socket peer)
        {
            const int IpProtoTcp = 6;
            const int TcpInfo = 11;
            Span<byte> info = stackalloc byte[232];
            peer.GetRawSocketOption(IpProtoTcp, TcpInfo, info);
            return BitConverter.ToUInt32(info[24..]) + BitConverter.ToUInt32(info[144..]);
        }
    }

    private static void SendUntilFull(Socket peer)
    {
        var chunk = new byte[4096];
        while (true)
        {
            peer.Send(chunk, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
                return;
        }
    }

    private static void AssertReset(Socket peer)
    {
        var error = SocketError.Success;
        while (error == SocketError.Success && peer.Receive(new byte[65536], SocketFlags.None, out error) > 0)
        {
        }

        Assert.That(error, Is.EqualTo(SocketError.ConnectionReset));
    }

    private static byte[] Pattern(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
