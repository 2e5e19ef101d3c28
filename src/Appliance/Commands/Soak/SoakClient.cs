using System.Net;
using System.Net.Sockets;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Soak;

/// <summary>One source of load: connection after connection of one kind, until it is told that it is enough.</summary>
/// <param name="client">Where from.</param>
/// <param name="server">Where to.</param>
/// <param name="mptcp">Whether the client speaks MPTCP.</param>
/// <param name="kind">What each connection does.</param>
/// <param name="tally">Told what became of them.</param>
internal sealed class SoakClient(LabHost client, IPEndPoint server, bool mptcp, SoakTransferKind kind, SoakTally tally)
{
    // Longer than any fault lasts, with the retransmissions after it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(8);

    // So that the load leaves the processors some time.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    public async Task RunAsync(Func<bool> isEnough, CancellationToken cancellation)
    {
        while (!isEnough())
        {
            await ConnectAsync(isEnough, cancellation);
            await Task.Delay(Pause, cancellation);
        }
    }

    private async Task ConnectAsync(Func<bool> isEnough, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        var transfer = Choose();
        try
        {
            using var socket = client.CreateTcpSocket(server.AddressFamily, mptcp);
            socket.NoDelay = true;
            await socket.ConnectAsync(server, patience.Token);
            await socket.SendAsync(transfer.Write(), patience.Token);
            if (kind == SoakTransferKind.Reset)
                await ResetAsync(socket, transfer, patience.Token);
            else
                await ExchangeAsync(socket, transfer, isEnough, patience.Token);
        }
        catch (InvalidDataException failure)
        {
            tally.AddWrong($"{Name}: {failure.Message}");
        }
        catch (Exception failure) when (failure is SocketException or EndOfStreamException)
        {
            tally.AddFailed($"{Name}: {failure.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            tally.AddFailed($"{Name}: not done within {Patience.TotalSeconds:0} s");
        }
    }

    private string Name => $"{DateTime.UtcNow:HH:mm:ss.fff} {kind} {(mptcp ? "MPTCP" : "TCP")} to {server}";

    private SoakTransfer Choose()
    {
        var stream = Random.Shared.Next(1 << 30);
        return kind switch
        {
            SoakTransferKind.Bulk => new SoakTransfer(kind, Random.Shared.Next(1 << 20, 8 << 20), Random.Shared.Next(1 << 20, 8 << 20), stream),
            SoakTransferKind.Idle => new SoakTransfer(kind, 20_000, 20_000, stream),
            _ => new SoakTransfer(kind, Random.Shared.Next(1, 20_000), Random.Shared.Next(1, 20_000), stream),
        };
    }

    private async Task ExchangeAsync(Socket socket, SoakTransfer transfer, Func<bool> isEnough, CancellationToken cancellation)
    {
        var receiving = PatternStream.ReceiveAsync(socket, transfer.Stream, 0, transfer.Down, tally, cancellation);
        var half = transfer.Up / 2;
        await PatternStream.SendAsync(socket, transfer.Stream, 0, half, cancellation);
        if (kind == SoakTransferKind.Idle && !isEnough())
            await Task.Delay(Silence, cancellation);
        await PatternStream.SendAsync(socket, transfer.Stream, half, transfer.Up, cancellation);
        socket.Shutdown(SocketShutdown.Send);
        await receiving;
        await PatternStream.ReceiveEndAsync(socket, cancellation);
        tally.AddCompleted();
    }

    private async Task ResetAsync(Socket socket, SoakTransfer transfer, CancellationToken cancellation)
    {
        await PatternStream.SendAsync(socket, transfer.Stream, 0, transfer.Up / 2, cancellation);
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        tally.AddReset();
    }
}
