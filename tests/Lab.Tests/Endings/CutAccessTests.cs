using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Endings;

/// <summary>An access that fails and comes back during a transfer costs time, and nothing else.</summary>
public sealed class CutAccessTests() : ServingLabFixture("one-proxy")
{
    private const long Amount = 20_000_000;
    private const long CutAfter = 5_000_000;
    private const long RestoreAfter = 9_000_000;

    protected override LabOptions Options =>
        new() { Rates = new Dictionary<string, LinkRate> { ["wifi"] = Rate("50mbit"), ["lte"] = Rate("50mbit") } };

    [TestCase(AddressFamily.InterNetwork, "wifi")]
    [TestCase(AddressFamily.InterNetworkV6, "wifi")]
    [TestCase(AddressFamily.InterNetwork, "lte")]
    [TestCase(AddressFamily.InterNetworkV6, "lte")]
    public async Task Upload_survives_an_access_that_is_cut_and_restored(AddressFamily family, string access)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);

        await TransferAsync(connection.Client, connection.Server, access);
    }

    [TestCase(AddressFamily.InterNetwork, "wifi")]
    [TestCase(AddressFamily.InterNetworkV6, "wifi")]
    [TestCase(AddressFamily.InterNetwork, "lte")]
    [TestCase(AddressFamily.InterNetworkV6, "lte")]
    public async Task Download_survives_an_access_that_is_cut_and_restored(AddressFamily family, string access)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);

        await TransferAsync(connection.Server, connection.Client, access);
    }

    private async Task TransferAsync(Socket sender, Socket receiver, string access)
    {
        var arrived = 0L;
        var receiving = ByteStream.ReceiveAsync(
            receiver, Deadline, progress: count => Volatile.Write(ref arrived, count));
        var sending = ByteStream.SendAllAsync(sender, Amount, Deadline);

        await ArrivalAsync(CutAfter);
        await Lab.CutAsync(access);
        try
        {
            await ArrivalAsync(RestoreAfter);
        }
        finally
        {
            await Lab.RestoreAsync(access);
        }

        Assert.That(await receiving, Is.EqualTo(await sending));

        Task ArrivalAsync(long amount) => Condition.WaitAsync(
            () => Volatile.Read(ref arrived) >= amount, Patience, $"{amount} bytes have arrived", Deadline);
    }

    private static LinkRate Rate(string text) =>
        LinkRate.TryParse(text, out var rate) ? rate : throw new ArgumentException(text);
}
