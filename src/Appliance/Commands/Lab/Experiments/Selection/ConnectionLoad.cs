using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Selection;

/// <summary>MPTCP connections from a lab's client to its legacy server, each with one byte there and one back.</summary>
internal static class ConnectionLoad
{
    private const int AtATime = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Makes the connections of a case, some at a time.</summary>
    public static async Task<LoadResult> RunAsync(
        Laboratory lab, IReadOnlyList<AddressFamily> families, SelectionCase load, CancellationToken cancellation)
    {
        var (succeeded, failures) = (0, new ConcurrentQueue<string>());
        var open = new ConcurrentBag<Socket>();
        try
        {
            await Parallel.ForAsync(
                0,
                load.Connections,
                new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellation },
                async (i, stop) =>
                {
                    var port = load.Ports[i / families.Count % load.Ports.Count];
                    var socket = lab["client"].CreateTcpSocket(families[i % families.Count], mptcp: true);
                    try
                    {
                        await ExchangeAsync(socket, new IPEndPoint(AddressOf(lab, socket.AddressFamily), port), stop);
                        Interlocked.Increment(ref succeeded);
                    }
                    catch (Exception failure) when (failure is SocketException or OperationCanceledException or IOException)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        failures.Enqueue(failure.Message);
                    }

                    if (load.KeepOpen)
                        open.Add(socket);
                    else
                        socket.Dispose();
                });
        }
        finally
        {
            foreach (var socket in open)
                socket.Dispose();
        }

        return new LoadResult(succeeded, failures.Count, failures.FirstOrDefault());
    }

    private static async Task ExchangeAsync(Socket socket, IPEndPoint server, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Patience);
        var buffer = new byte[] { (byte)'?' };
        await socket.ConnectAsync(server, deadline.Token);
        await socket.SendAsync(buffer, deadline.Token);
        if (await socket.ReceiveAsync(buffer, deadline.Token) != 1)
            throw new IOException("the connection ended before the byte came back");
    }

    private static IPAddress AddressOf(Laboratory lab, AddressFamily family) =>
        lab.Topology.EndsOf("legacy").SelectMany(end => end.Addresses).First(own => own.Address.AddressFamily == family).Address;
}
