using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Native;
using Middlebox.ProxyEngine.Relay;
using Middlebox.ProxyEngine.Survival;

namespace Middlebox.ProxyEngine.Tests.Relay;

/// <summary>A pump step by step: what it does with a sink that takes nothing.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class PumpTests : IDisposable
{
    private readonly RelayJournal _journal;
    private readonly FlowLedger _ledger = FlowLedger.Create(1);
    private readonly Leg _source;
    private readonly Leg _sink;
    private readonly Socket _sender;
    private readonly Socket _receiver;
    private readonly Pump _pump;

    public PumpTests()
    {
        (var source, _sender) = RelayBench.Connect(socketBufferLength: 16 * 1024);
        (var sink, _receiver) = RelayBench.Connect(socketBufferLength: 16 * 1024);
        _source = new Leg(source);
        _sink = new Leg(sink);
        _ledger.TryAdd(default, out var slot);
        _journal = new RelayJournal(_ledger, thread: 0, bufferLength: 16 * 1024);
        _pump = new Pump(_source, _sink, slot, isUp: true, moved: 0);
        _sender.Blocking = false;
    }

    [Test]
    public void NothingToRead_WaitsAndDoesNotReadAgain()
    {
        Assert.That(_pump.Run(_journal), Is.EqualTo(new PumpResult(PumpStop.Waiting)));
        Assert.That(_source.MayRead, Is.False);

        _sender.Send("x"u8);
        Assert.That(_pump.Run(_journal).Stop, Is.EqualTo(PumpStop.Waiting));
        Assert.That(_pump.Moved, Is.Zero, "nobody has said that there is something");
        _source.Note(Libc.EPOLLIN);
        _pump.Run(_journal);
        Assert.That(_pump.Moved, Is.EqualTo(1));
    }

    // What is in flight is bounded by the sockets' buffers, and nothing is lost or reordered when the sink wakes up.
    [Test]
    public void SinkThatTakesNothing_StopsTheSourceAndKeepsTheOrder()
    {
        var sent = FillUp();
        Assert.That(sent, Is.LessThan(64 << 20), "the sender never notices");
        var moved = _pump.Moved;

        // Nothing more is read while bytes wait, however often one asks.
        _source.Note(Libc.EPOLLIN);
        _sink.Note(Libc.EPOLLOUT);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Assert.That(_pump.Run(_journal).Stop, Is.EqualTo(PumpStop.Waiting));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(64 * 1024));
        Assert.That(_pump.Moved, Is.EqualTo(moved));

        _sender.Shutdown(SocketShutdown.Send);
        var received = 0;
        var chunk = new byte[10_007];
        while (received < sent)
        {
            var count = _receiver.Receive(chunk);
            for (var i = 0; i < count; i++)
            {
                if (chunk[i] != PatternAt(received + i))
                    Assert.Fail($"byte {received + i} is another");
            }

            received += count;
            _source.Note(Libc.EPOLLIN);
            _sink.Note(Libc.EPOLLOUT);
            _pump.Run(_journal);
        }

        Assert.That(_pump.Finished, Is.True);
        Assert.That(_pump.Moved, Is.EqualTo(sent));
        Assert.That(_receiver.Receive(chunk), Is.Zero);
    }

    [Test]
    public void SourceEnds_WhileBytesWait_SinkIsToldOnlyAfterThem()
    {
        FillUp();
        _sender.Shutdown(SocketShutdown.Send);
        _source.Note(Libc.EPOLLIN | Libc.EPOLLRDHUP);
        _pump.Run(_journal);
        Assert.That(_pump.Finished, Is.False);
    }

    [Test]
    public void SourceReset_IsAFailureOfTheSource()
    {
        _pump.Run(_journal);
        RelayBench.Reset(_sender);
        _source.Note(Libc.EPOLLIN | Libc.EPOLLERR | Libc.EPOLLHUP);
        Assert.That(_pump.Run(_journal), Is.EqualTo(new PumpResult(PumpStop.SourceFailed, Errno.ECONNRESET)));
    }

    [Test]
    public void SinkReset_IsAFailureOfTheSink()
    {
        RelayBench.Reset(_receiver);
        _sender.Send("x"u8);
        _source.Note(Libc.EPOLLIN);
        var result = _pump.Run(_journal);
        Assert.That(result.Stop, Is.EqualTo(PumpStop.SinkFailed));
        Assert.That(result.Error, Is.EqualTo(Errno.ECONNRESET).Or.EqualTo(Errno.EPIPE));
    }

    [Test]
    public void BytesSentByAnEarlierDaemon_GoneFromTheSource_IsAFailureAndNoLoop()
    {
        _ledger[0].Up.Sent = 7;
        _sender.Shutdown(SocketShutdown.Send);
        var pump = new Pump(_source, _sink, slot: 0, isUp: true, moved: 7);

        Assert.That(() => Run(pump), Is.EqualTo(new PumpResult(PumpStop.SourceFailed, Errno.ECONNRESET)).After(10_000, 1));

        PumpResult Run(Pump pump)
        {
            _source.Note(Libc.EPOLLIN);
            return pump.Run(_journal);
        }
    }

    // The process was killed after it had sent bytes, and before it took them off the source.
    [Test]
    public void BytesSentByAnEarlierDaemon_AreConsumedAndNotSentAgain()
    {
        _sender.Send("already, and not yet"u8);
        _ledger[0].Up.Sent = 7;
        var pump = new Pump(_source, _sink, slot: 0, isUp: true, moved: 7);

        Assert.That(() => Run(pump), Is.EqualTo(20).After(10_000, 1));

        Assert.That(RelayBench.Receive(_receiver, 13), Is.EqualTo(", and not yet"u8.ToArray()));
        Assert.That((_ledger[0].Up.Sent, _ledger[0].Up.Consumed), Is.EqualTo((20, 20)));

        long Run(Pump pump)
        {
            _source.Note(Libc.EPOLLIN);
            pump.Run(_journal);
            return pump.Moved;
        }
    }

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
        _source.Socket.Dispose();
        _sink.Socket.Dispose();
    }

    private static byte PatternAt(int offset) => (byte)((offset * 31) ^ (offset >> 8));

    /// <summary>Sends until neither the sender nor the pump gets on any more.</summary>
    /// <returns>Bytes sent.</returns>
    private int FillUp()
    {
        var sent = 0;
        var chunk = new byte[8192];
        // The kernel takes more for a while: on a busy machine it passes on later what it has taken.
        for (var standstill = Stopwatch.StartNew(); standstill.Elapsed < TimeSpan.FromMilliseconds(200); Thread.Yield())
        {
            for (var i = 0; i < chunk.Length; i++)
                chunk[i] = PatternAt(sent + i);
            var count = _sender.Send(chunk, SocketFlags.None, out _);
            var moved = _pump.Moved;
            _source.Note(Libc.EPOLLIN);
            _sink.Note(Libc.EPOLLOUT);
            _pump.Run(_journal);
            sent += count;
            if (count > 0 || _pump.Moved != moved)
                standstill.Restart();
        }

        return sent;
    }
}
