using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Load;

/// <summary>
/// A server on a host of a lab that answers each request, one byte, with its complement, until the client ends. Its
/// threads are few and its calls block, so that it costs little.
/// </summary>
public sealed class EchoServer : IDisposable
{
    private const int Backlog = 4096;

    private readonly Socket _listener;
    private readonly List<Thread> _threads;
    private long _served;

    /// <param name="lab">The lab.</param>
    /// <param name="family">InterNetwork or InterNetworkV6.</param>
    /// <param name="host">The server's host.</param>
    /// <param name="port">Its port.</param>
    /// <param name="threads">How many clients it serves at a time.</param>
    public EchoServer(Laboratory lab, AddressFamily family, string host, int port, int threads)
    {
        _listener = Connection.Listen(lab, family, host, port, Backlog);
        _threads = [.. Enumerable.Range(0, threads).Select(number => new Thread(Serve) { Name = $"echo {number}", IsBackground = true })];
        _threads.ForEach(thread => thread.Start());
    }

    /// <summary>Connections served to their end.</summary>
    public long Served => Interlocked.Read(ref _served);

    /// <summary>The answer to a request.</summary>
    public static byte Answer(byte request) => (byte)~request;

    public void Dispose()
    {
        _listener.Dispose();
        // A client that never ends keeps its thread, and not the tests.
        _threads.ForEach(thread => thread.Join(TimeSpan.FromSeconds(2)));
    }

    private void Serve()
    {
        while (true)
        {
            try
            {
                using var client = _listener.Accept();
                ServeClient(client);
                Interlocked.Increment(ref _served);
            }
            catch (Exception failure) when (failure is ObjectDisposedException
                or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted or SocketError.InvalidArgument })
            {
                return;
            }
            catch (SocketException)
            {
                // This client has gone; the test misses it in the count.
            }
        }
    }

    private static void ServeClient(Socket client)
    {
        Span<byte> buffer = stackalloc byte[1];
        while (client.Receive(buffer) > 0)
        {
            buffer[0] = Answer(buffer[0]);
            client.Send(buffer);
        }
    }
}
