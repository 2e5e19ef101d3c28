using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>Random bytes both ways over a connection, for as long as the test wants.</summary>
internal sealed class Transfer : IDisposable
{
    private readonly Connection _connection;
    private readonly Task<StreamDigest> _sentUp;
    private readonly Task<StreamDigest> _sentDown;
    private readonly Task<StreamDigest> _receivedUp;
    private readonly Task<StreamDigest> _receivedDown;
    private volatile bool _isEnough;
    private long _up;
    private long _down;

    /// <param name="connection">The connection; disposed of with this.</param>
    /// <param name="pause">After each piece, so that many of them together leave the processors some time.</param>
    /// <param name="deadline">Ends it.</param>
    public Transfer(Connection connection, TimeSpan pause, CancellationToken deadline)
    {
        _connection = connection;
        _receivedUp = ByteStream.ReceiveAsync(connection.Server, deadline, progress: bytes => Volatile.Write(ref _up, bytes));
        _receivedDown = ByteStream.ReceiveAsync(connection.Client, deadline, progress: bytes => Volatile.Write(ref _down, bytes));
        _sentUp = ByteStream.SendUntilAsync(connection.Client, () => _isEnough, pause, deadline);
        _sentDown = ByteStream.SendUntilAsync(connection.Server, () => _isEnough, pause, deadline);
    }

    /// <summary>Bytes that have come in the direction in which fewer have.</summary>
    public long Received => Math.Min(Volatile.Read(ref _up), Volatile.Read(ref _down));

    /// <summary>Ends both directions, and requires that all bytes have come as they were sent.</summary>
    public async Task FinishAsync()
    {
        _isEnough = true;
        Assert.That(await _receivedUp, Is.EqualTo(await _sentUp));
        Assert.That(await _receivedDown, Is.EqualTo(await _sentDown));
    }

    public void Dispose() => _connection.Dispose();
}
