using System.Diagnostics;
using System.Globalization;
using Middlebox.Interceptor.Liveness;
using Middlebox.Native;
using Middlebox.Native.Namespaces;
using Middlebox.ProxyEngine.Survival;

namespace Middlebox.Appliance.Keeper;

/// <summary>One life of the daemon, from its start to its end, and the channel to it.</summary>
internal sealed class KeptDaemon : IDisposable
{
    private readonly KeptDescriptors _held;
    private readonly DescriptorChannel _channel;
    private readonly Process _process;
    private readonly List<QueueStandIn> _standIns = [];

    /// <summary>Starts the daemon.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="held">What it gets, and changes.</param>
    public KeptDaemon(IReadOnlyList<string> command, KeptDescriptors held)
    {
        _held = held;
        (_channel, var child) = DescriptorChannel.CreatePair();
        using (child)
        {
            var start = new ProcessStartInfo(command[0], command.Skip(1));
            start.Environment[KeeperChannel.Variable] = child.Number.ToString(CultureInfo.InvariantCulture);
            _process = Process.Start(start)!;
            ProcessId = _process.Id;
        }
    }

    public int ProcessId { get; }

    /// <summary>When it began to serve, by the clock that nobody sets; null if it has not.</summary>
    public long? ServingSince { get; private set; }

    /// <summary>Whether it has said that it ends for another one to go on.</summary>
    public bool IsRetiring { get; private set; }

    /// <summary>Whether it has been ended because it gave no sign of life.</summary>
    public bool StoodStill { get; private set; }

    /// <summary>Gives the daemon what is held, and holds what it asks for, until it ends.</summary>
    /// <param name="predecessors">Daemons before it that have served.</param>
    /// <param name="startPatience">How long it may take for a step of its start, until it serves; then it is ended.</param>
    /// <param name="tell">Told, in a sentence for people, what has happened; any thread may call.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Its exit code; 128 and a signal's number if that has ended it.</returns>
    public int Attend(uint predecessors, TimeSpan startPatience, Action<string> tell, TimeProvider time)
    {
        var heard = time.GetTimestamp();
        _channel.LimitPatience(startPatience);
        // One that takes nothing of all that has none left for it; to one that has died it makes no difference.
        var patience = HandOver(predecessors) ? startPatience : TimeSpan.Zero;
        while (true)
        {
            // Not before all that it has said is read: it may be the keeper that stood still.
            if (!_channel.WaitForMessage(Remaining(patience, time.GetElapsedTime(heard))))
            {
                StoodStill = true;
                patience = Timeout.InfiniteTimeSpan;
                Signal(ProcessSignal.Kill);
                continue;
            }

            if (!_channel.TryReceive(out KeeperMessage message, out var descriptors))
                break;
            switch (message.Kind)
            {
                case KeeperMessageKind.Hold:
                    _held.Hold(message.Number, descriptors);
                    break;
                case KeeperMessageKind.Release:
                    _held.Release(message.Number);
                    break;
                case KeeperMessageKind.Retiring:
                    IsRetiring = true;
                    break;
                case KeeperMessageKind.Starting when ServingSince is null:
                    heard = time.GetTimestamp();
                    break;
                case KeeperMessageKind.Serving:
                    ServingSince = time.GetTimestamp();
                    // An older version gives no other sign of life.
                    patience = Timeout.InfiniteTimeSpan;
                    break;
                case KeeperMessageKind.StandIn when descriptors is [var socket, var tally]:
                    using (tally)
                        _standIns.Add(new QueueStandIn((ushort)message.Number, socket, StandInTally.Open(tally), tell, time));
                    break;
                case KeeperMessageKind.Living:
                    heard = time.GetTimestamp();
                    patience = message.Number == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(message.Number);
                    break;
            }
        }

        // What still waits passes, and the next daemon can have the queues.
        foreach (var standIn in _standIns)
            standIn.Dispose();
        _standIns.Clear();
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <returns>False if the daemon lives and takes nothing.</returns>
    private bool HandOver(uint predecessors)
    {
        foreach (var (number, descriptors) in _held.ToList())
        {
            if (_channel.Send(new KeeperMessage(KeeperMessageKind.Hold, number), descriptors) == Errno.EAGAIN)
                return false;
        }

        return _channel.Send(new KeeperMessage(KeeperMessageKind.StandIn, 0)) != Errno.EAGAIN
            && _channel.Send(new KeeperMessage(KeeperMessageKind.Complete, predecessors)) != Errno.EAGAIN;
    }

    private static TimeSpan Remaining(TimeSpan patience, TimeSpan elapsed) =>
        patience == Timeout.InfiniteTimeSpan ? patience : patience > elapsed ? patience - elapsed : TimeSpan.Zero;

    public void Signal(ProcessSignal signal) => ProcessControl.Send(ProcessId, signal);

    public void Dispose()
    {
        _channel.Dispose();
        _process.Dispose();
    }
}
