using System.Net.Sockets;
using System.Text;

namespace Middlebox.Appliance.Tests.Service;

/// <summary>The service manager's end of sd_notify(3): a datagram socket.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };

    /// <param name="name">Path, or @ and an abstract name.</param>
    public NotifySocket(string name)
    {
        Name = name;
        _socket.Bind(new UnixDomainSocketEndPoint(name[0] == '@' ? $"\0{name[1..]}" : name));
    }

    public string Name { get; }

    /// <summary>Whether something waits to be received.</summary>
    public bool HasMore => _socket.Available > 0;

    /// <summary>The assignments of the next datagram.</summary>
    public IReadOnlyDictionary<string, string> Next()
    {
        var buffer = new byte[4096];
        var length = _socket.Receive(buffer);
        return Encoding.UTF8.GetString(buffer, 0, length).Split('\n').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
    }

    public void Dispose() => _socket.Dispose();
}
