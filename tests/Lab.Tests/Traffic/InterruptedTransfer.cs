using System.Net.Sockets;

namespace Middlebox.Lab.Tests.Traffic;

/// <summary>A transfer of random bytes during which a link is cut and mended: it costs time, and nothing else.</summary>
/// <param name="Amount">Bytes sent.</param>
/// <param name="CutAfter">Bytes that have arrived when the link is cut.</param>
/// <param name="RestoreAfter">Bytes that have arrived when it is mended, so that the rest of the way must do meanwhile.</param>
public sealed record InterruptedTransfer(long Amount, long CutAfter, long RestoreAfter)
{
    /// <summary>How long the bytes may take that are to arrive before the link is cut, and before it is mended.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Transfers, and requires that the same bytes arrive.</summary>
    public async Task RunAsync(Laboratory lab, string link, Socket sender, Socket receiver, CancellationToken cancellation)
    {
        var arrived = 0L;
        var receiving = ByteStream.ReceiveAsync(
            receiver, cancellation, progress: count => Volatile.Write(ref arrived, count));
        var sending = ByteStream.SendAllAsync(sender, Amount, cancellation);

        await ArrivalAsync(CutAfter);
        await lab.CutAsync(link, cancellation);
        try
        {
            await ArrivalAsync(RestoreAfter);
        }
        finally
        {
            await lab.RestoreAsync(link, CancellationToken.None);
        }

        Assert.That(await receiving, Is.EqualTo(await sending));

        Task ArrivalAsync(long amount) => Condition.WaitAsync(
            () => Volatile.Read(ref arrived) >= amount, Patience, $"{amount} bytes have arrived", cancellation);
    }
}
