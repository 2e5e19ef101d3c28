using System.Net.Sockets;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>
/// In the place of a control socket, one that accepts nothing and has no room for another connection: who asks whether a box answers there waits until
/// this is disposed of.
/// </summary>
internal sealed class BusySocket : IDisposable
{
    private readonly Socket _listener = New();
    private readonly Socket _waiting = New();

    public BusySocket(string path)
    {
        File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        // unix(7): with a backlog of 0 one connection waits to be accepted, and the next one for its place.
        _listener.Listen(0);
        _waiting.Connect(new UnixDomainSocketEndPoint(path));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _waiting.Dispose();
    }

    private static Socket New() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
}
