using Middlebox.Native;
using Middlebox.Negotiation.HostRole;

namespace Middlebox.ProxyEngine.Converter.Client;

/// <summary>One connection to a converter for a program of this host, until it is relayed or given up. Owned by the thread of <see cref="ConverterDialler"/>.</summary>
/// <param name="connection">For which.</param>
/// <param name="told">Who is told the outcome.</param>
/// <param name="begun">Time stamp of the clock.</param>
internal sealed class ConvertedDial(ConvertedConnection connection, Action<ConvertedConnection, ConvertedOutcome> told, long begun)
{
    public ConvertedConnection Connection => connection;

    public long Begun => begun;

    /// <summary>By which the kernel reports it; another one if it has begun anew.</summary>
    public uint Number { get; private set; }

    public ConvertedDialStage Stage { get; set; }

    /// <summary>When the stage is given up, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long Deadline { get; set; }

    /// <summary>Whether the converter has been asked with a cookie that it had just given.</summary>
    public bool HasBroughtCookie { get; set; }

    /// <summary>The connection to the converter, and what comes over it; null before it is opened.</summary>
    public FileDescriptor? Socket { get; private set; }

    public ConvertMessageReceiver? Answer { get; private set; }

    /// <summary>Begins, or begins anew.</summary>
    public void Use(FileDescriptor socket, uint number)
    {
        Number = number;
        Socket = socket;
        Answer = new ConvertMessageReceiver(socket);
        Stage = ConvertedDialStage.Connecting;
    }

    public void Tell(ConvertedOutcome outcome) => told(connection, outcome);
}
