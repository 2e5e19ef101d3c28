using System.Net;
using System.Net.Sockets;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Soak;

/// <summary>The load's server on one host: does what each connection's first bytes ask for, until disposed.</summary>
internal sealed class SoakServer : IDisposable
{
    public const int Port = 7500;
    private const int Backlog = 512;

    private readonly string _name;
    private readonly Socket _listener;
    private readonly SoakTally _tally;
    private readonly CancellationToken _cancellation;

    public SoakServer(LabHost host, bool mptcp, SoakTally tally, CancellationToken cancellation)
    {
        _name = host.Name;
        _tally = tally;
        _cancellation = cancellation;
        _listener = host.CreateTcpSocket(AddressFamily.InterNetworkV6, mptcp);
        _listener.DualMode = true;
        _listener.Bind(new IPEndPoint(IPAddress.IPv6Any, Port));
        _listener.Listen(Backlog);
        _ = AcceptAsync();
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptAsync(_cancellation));
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var owned = socket;
        var transfer = default(SoakTransfer);
        try
        {
            var header = new byte[SoakTransfer.HeaderLength];
            for (var length = 0; length < header.Length;)
            {
                var count = await socket.ReceiveAsync(header.AsMemory(length), _cancellation);
                if (count == 0)
                    return;
                length += count;
            }

            transfer = SoakTransfer.Read(header);
            var sending = PatternStream.SendAsync(socket, transfer.Stream, 0, transfer.Down, _cancellation);
            await PatternStream.ReceiveAsync(socket, transfer.Stream, 0, transfer.Up, _tally, _cancellation);
            await PatternStream.ReceiveEndAsync(socket, _cancellation);
            await sending;
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (InvalidDataException failure)
        {
            _tally.AddWrong($"{DateTime.UtcNow:HH:mm:ss.fff} {transfer.Kind} from {socket.RemoteEndPoint}, towards the {_name} server: {failure.Message}");
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or EndOfStreamException)
        {
            // The client says what became of it, and whether it was meant.
        }
    }
}
