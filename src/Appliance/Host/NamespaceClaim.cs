using System.Net.Sockets;

namespace Middlebox.Appliance.Host;

/// <summary>
/// Makes a box the only one of its network namespace: chains, routing table and parameters are there once, whatever the boxes are called. Held by
/// an abstract socket (unix(7)), whose name belongs to the namespace and goes with the process.
/// </summary>
public sealed class NamespaceClaim : IDisposable
{
    private const string Name = "\0middlebox-appliance";

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <exception cref="HostSetupException">Another box runs in this namespace.</exception>
    public NamespaceClaim()
    {
        try
        {
            _socket.Bind(new UnixDomainSocketEndPoint(Name));
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            _socket.Dispose();
            throw new HostSetupException("a box runs in this network namespace already, and there can be only one; stop it first");
        }
    }

    public void Dispose() => _socket.Dispose();
}
