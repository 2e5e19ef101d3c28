using System.Diagnostics;
using System.Globalization;
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
        }
    }

    public int ProcessId => _process.Id;

    /// <summary>When it began to serve; null if it has not.</summary>
    public DateTimeOffset? ServingSince { get; private set; }

    /// <summary>Whether it has said that it ends for another one to go on.</summary>
    public bool IsRetiring { get; private set; }

    /// <summary>Gives the daemon what is held, and holds what it asks for, until it ends.</summary>
    /// <param name="predecessors">Daemons before it that have served.</param>
    /// <param name="serving">Called when it begins to serve.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Its exit code; 128 and a signal's number if that has ended it.</returns>
    public int Attend(uint predecessors, Action serving, TimeProvider time)
    {
        // A daemon that dies meanwhile takes nothing more; that it has gone is found below.
        foreach (var (number, descriptors) in _held.ToList())
            _channel.Send(new KeeperMessage(KeeperMessageKind.Hold, number), descriptors);
        _channel.Send(new KeeperMessage(KeeperMessageKind.Complete, predecessors));

        while (_channel.TryReceive(out KeeperMessage message, out var descriptors))
        {
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
                case KeeperMessageKind.Serving:
                    ServingSince = time.GetUtcNow();
                    serving();
                    break;
            }
        }

        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Signal(ProcessSignal signal) => ProcessControl.Send(ProcessId, signal);

    public void Dispose()
    {
        _channel.Dispose();
        _process.Dispose();
    }
}
