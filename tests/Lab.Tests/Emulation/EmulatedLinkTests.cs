using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Running;
using Middlebox.Lab.Tests.Lab;
using Middlebox.Lab.Topologies;
using Middlebox.Native;

namespace Middlebox.Lab.Tests.Emulation;

/// <summary>The emulator with real packets between two hosts, over UDP: no transport hides what the link does.</summary>
/// <remarks>
/// Alone, because both are measurements of time; the bounds are wide enough for a busy machine, and not for a link that polls or is slow. With
/// MIDDLEBOX_QUIET=1 they are those that the emulator is made for: 0.2 ms, 1 Gbit/s and 100,000 packets a second of one processor.
/// </remarks>
[NonParallelizable]
public sealed class EmulatedLinkTests : LabFixture
{
    private const int Port = 7100;
    private const int FullPayload = 1472;

    private static readonly bool IsQuiet = Environment.GetEnvironmentVariable("MIDDLEBOX_QUIET") == "1";

    private static readonly IPEndPoint Receiver = new(IPAddress.Parse("198.18.1.1"), Port);

    /// <remarks>
    /// On a machine that others use every thread is woken late, and a packet needs three: the link's for it and for its time, and the receiver's. So the same thread's own alarms are
    /// taken beside, in turns. The emulator has three attempts, as what the others do changes from moment to moment.
    /// </remarks>
    [Test]
    [Retry(3)]
    public async Task Delay_PacketsArriveAtTheirTime_NoneEarly()
    {
        const int Wakes = 3;
        var delay = TimeSpan.FromMilliseconds(20);
        await using var lab = await UpAsync(TwoHosts(""" "delay": "20ms" """), new LabOptions());
        using var receiver = Receive(lab);
        using var sender = Send(lab);
        var late = new List<double>();
        var alarms = new List<double>();
        // At the emulator's own priority, so that what is measured is the link and not how long this test waits for a busy processor.
        var measuring = new Thread(() =>
        {
            Assert.That(ThreadTiming.TryBePunctual(), Is.True);
            for (var i = 0; i < 200; i++)
            {
                late.Add((TravelTime(sender, receiver) - delay).TotalMilliseconds);
                alarms.Add((AlarmTime(delay / 4) - (delay / 4)).TotalMilliseconds);
            }
        });
        measuring.Start();
        measuring.Join();

        late.Sort();
        alarms.Sort();
        TestContext.Out.WriteLine($"later than {delay.TotalMilliseconds} ms by {late[0]:0.000} to {late[^1]:0.000} ms, median {late[100]:0.000}, p90 {late[180]:0.000};"
            + $" an alarm alone by {alarms[0]:0.000} to {alarms[^1]:0.000} ms, median {alarms[100]:0.000}, p90 {alarms[180]:0.000}");
        Assert.That(late[0], Is.GreaterThanOrEqualTo(0), "none may be early");
        // A link that sleeps by whole milliseconds would be later than this by half of one on average.
        Assert.That(late[100], Is.LessThan(IsQuiet ? 0.2 : 0.4 + (Wakes * alarms[100])));
    }

    // On a machine that others use, the moments at which the sender begins and ends may be far from those at which it means to.
    [Test]
    [Retry(3)]
    public async Task Rate_BusyLink_CarriesExactlyItsRate()
    {
        // A queue of 0.75 s: the link stays busy while the sender waits for a processor.
        const double Rate = 8e6;
        await using var lab = await UpAsync(TwoHosts(""" "rate": "8mbit", "delay": "1ms", "queue": 500 """), new LabOptions());
        var (packets, bytes, elapsed) = Flood(lab, FullPayload, TimeSpan.FromSeconds(2));

        var carried = bytes * 8 / elapsed.TotalSeconds;
        TestContext.Out.WriteLine($"{carried / 1e6:0.00} Mbit/s in {packets} packets");
        Assert.That(carried, Is.EqualTo(Rate).Within(0.03 * Rate));
    }

    /// <remarks>
    /// Counted by the processor time of the link's thread, because how fast the sender is depends on who else uses the machine. What was reached is printed.
    /// </remarks>
    [TestCase(FullPayload, 150e6, 1e9, 0, 0)]
    [TestCase(64, 0, 0, 15e3, 100e3)]
    public async Task NoRate_BusyLink_OneProcessorCarriesMuch(
        int payload, double leastBits, double leastBitsWhenQuiet, double leastPackets, double leastPacketsWhenQuiet)
    {
        await using var lab = await UpAsync(TwoHosts(""" "delay": "5ms" """), new LabOptions());
        await Condition.WaitAsync(() => LinkProcessorTime(lab) is not null, Patience, "the link's thread runs");
        var before = LinkProcessorTime(lab)!.Value;
        var (packets, bytes, elapsed) = Flood(lab, payload, TimeSpan.FromSeconds(2));
        var used = LinkProcessorTime(lab)!.Value - before;

        TestContext.Out.WriteLine($"{bytes * 8 / elapsed.TotalSeconds / 1e6:0} Mbit/s, {packets / elapsed.TotalSeconds:0} packets/s at "
            + $"{used / elapsed:0.00} processors: {bytes * 8 / used.TotalSeconds / 1e6:0} Mbit and {packets / used.TotalSeconds:0} packets per processor second");
        Assert.That(bytes * 8 / used.TotalSeconds, Is.GreaterThan(IsQuiet ? leastBitsWhenQuiet : leastBits));
        Assert.That(packets / used.TotalSeconds, Is.GreaterThan(IsQuiet ? leastPacketsWhenQuiet : leastPackets));
    }

    [Test]
    public async Task Timeline_WaitsForItsStart_ThenLinkGoesDownAndComesBack()
    {
        await using var lab = await UpAsync(
            TwoHosts(""" "timeline": [ { "at": "0s", "up": false }, { "at": "400ms", "up": true } ] """), new LabOptions { StartTimelines = false });
        using var receiver = Receive(lab);
        using var sender = Send(lab);

        sender.Send([1]);
        Assert.That(await ArrivesAsync(receiver), Is.True, "it has not begun");
        lab.StartTimelines();
        var watch = Stopwatch.StartNew();
        // What is sent before the signal has arrived gets through.
        await Condition.WaitAsync(() => !ArrivesAtOnce(sender, receiver), Patience, "the link goes down");
        await Condition.WaitAsync(() => ArrivesAtOnce(sender, receiver), Patience, "the link comes back");

        Assert.That(watch.Elapsed, Is.GreaterThan(TimeSpan.FromMilliseconds(400)));
    }

    [Test]
    public async Task Duplicate_EveryPacket_ArrivesTwice()
    {
        await using var lab = await UpAsync(TwoHosts(""" "duplicate": 1 """), new LabOptions());
        using var receiver = Receive(lab);
        using var sender = Send(lab);

        sender.Send([1]);

        Assert.That(await ArrivesAsync(receiver), Is.True);
        Assert.That(await ArrivesAsync(receiver), Is.True);
    }

    [Test]
    public async Task Down_NothingOfTheLinkIsLeft()
    {
        var lab = await UpAsync(TwoHosts(""" "delay": "5ms" """), new LabOptions());
        var name = lab.InstanceName;

        await lab.DownAsync();

        Assert.That(Laboratory.Existing().Select(instance => instance.Name), Does.Not.Contain(name));
    }

    private static TimeSpan TravelTime(Socket sender, Socket receiver)
    {
        Span<byte> packet = stackalloc byte[100];
        var sent = Stopwatch.GetTimestamp();
        sender.Send(packet);
        receiver.Receive(packet);
        return Stopwatch.GetElapsedTime(sent);
    }

    private static TimeSpan AlarmTime(TimeSpan duration)
    {
        var none = default(pollfd);
        var timeout = new timespec(duration.Ticks * TimeSpan.NanosecondsPerTick);
        var set = Stopwatch.GetTimestamp();
        _ = Libc.ppoll(ref none, 0, in timeout, 0);
        return Stopwatch.GetElapsedTime(set);
    }

    private static async Task<bool> ArrivesAsync(Socket receiver)
    {
        using var deadline = new CancellationTokenSource(Patience);
        return await receiver.ReceiveAsync(new byte[1], deadline.Token) == 1;
    }

    private static bool ArrivesAtOnce(Socket sender, Socket receiver)
    {
        sender.Send([1]);
        if (!receiver.Poll(TimeSpan.FromMilliseconds(20), SelectMode.SelectRead))
            return false;
        receiver.Receive(new byte[1]);
        return true;
    }

    /// <summary>Sends as fast as it goes from a thread of its own, and counts what the receiving host's device has taken in.</summary>
    private static (long Packets, long Bytes, TimeSpan Elapsed) Flood(Laboratory lab, int payload, TimeSpan duration)
    {
        using var receiver = Receive(lab);
        using var sender = Send(lab);
        using var stop = new CancellationTokenSource();
        var sending = new Thread(() =>
        {
            var buffer = new byte[payload];
            BinaryPrimitives.WriteInt32BigEndian(buffer, payload);
            while (!stop.IsCancellationRequested)
                sender.Send(buffer);
        });
        sending.Start();
        try
        {
            var before = Count(lab);
            var watch = Stopwatch.StartNew();
            // The counter is the condition; a link that carries nothing is found by what was counted in this time.
            while (watch.Elapsed < duration)
                Thread.Yield();
            var after = Count(lab);
            return (after.Packets - before.Packets, after.Bytes - before.Bytes, Stopwatch.GetElapsedTime(before.At, after.At));
        }
        finally
        {
            stop.Cancel();
            sending.Join();
        }
    }

    /// <summary>User and system time of the thread "link l", which proc(5) counts in hundredths of a second; null before it has its name.</summary>
    private static TimeSpan? LinkProcessorTime(Laboratory lab)
    {
        var stat = NamespaceProcesses.Find([lab["a"].NamespaceName])
            .SelectMany(process => Directory.EnumerateDirectories($"/proc/{process}/task"))
            .Select(task => File.ReadAllText($"{task}/stat"))
            .SingleOrDefault(stat => stat.Contains("(link l)", StringComparison.Ordinal));
        if (stat is null)
            return null;
        var times = stat.Split(") ")[1].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (long.Parse(times[11]) + long.Parse(times[12])));
    }

    // The time is taken beside the counters: this thread may wait long for a processor before and after.
    private static (long Bytes, long Packets, long At) Count(Laboratory lab) => lab["b"].InNamespace(() =>
    {
        var numbers = File.ReadLines("/proc/thread-self/net/dev").Single(line => line.TrimStart().StartsWith("l:", StringComparison.Ordinal))
            .Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long.Parse(numbers[0]), long.Parse(numbers[1]), Stopwatch.GetTimestamp());
    });

    private static Socket Receive(Laboratory lab)
    {
        var socket = lab["b"].InNamespace(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Bind(Receiver);
        return socket;
    }

    private static Socket Send(Laboratory lab)
    {
        var socket = lab["a"].InNamespace(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Connect(Receiver);
        return socket;
    }

    private static Topology TwoHosts(string keys) => TopologyLoader.Parse(
        $$"""
        {
          "description": "Two hosts and an emulated link",
          "hosts": { "a": {}, "b": {} },
          "links": {
            "l": {
              "ends": [
                { "host": "a", "device": "l", "addresses": ["198.18.1.2/24"] },
                { "host": "b", "device": "l", "addresses": ["198.18.1.1/24"] }
              ],
              {{keys}}
            }
          }
        }
        """,
        "/etc/two.json");
}
