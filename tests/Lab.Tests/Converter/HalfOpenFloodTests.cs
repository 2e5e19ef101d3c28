using System.Net.Sockets;
using Middlebox.Lab.Tests.Load;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>Ten thousand clients that never finish their messages take a bounded part of the box, and no place from one that does.</summary>
[NonParallelizable]
public sealed class HalfOpenFloodTests : ConverterFixture
{
    private const int Clients = 10_000;
    private const int MaxPending = 5_000;
    private const long MostGrowth = 64 << 20;

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(90);

    protected override Dictionary<string, string> Settings => new()
    {
        ["Middlebox:Converter:MaxPending"] = $"{MaxPending}",
        ["Middlebox:Converter:MaxPendingPerClient"] = $"{2 * Clients}",
        ["Middlebox:Converter:RequestTimeout"] = "00:05:00",
    };

    [Test]
    public async Task Silent_clients_give_way_to_one_that_asks()
    {
        var before = ProcessUse.Of(Box.BoxProcessId!.Value);
        var silent = new List<Socket>();
        try
        {
            for (var i = 0; i < Clients; i++)
                silent.Add(Open(AddressFamily.InterNetwork, [1, 6, 0x22], fastOpen: false, mptcp: false));
            await Condition.WaitAsync(
                async () => await RefusedAsync("displaced") == Clients - MaxPending, Patience, "the oldest have given way", Deadline);

            var use = ProcessUse.Of(Box.BoxProcessId!.Value);
            Assert.That(await PendingAsync(), Is.EqualTo(MaxPending));
            Assert.That(use.Descriptors - before.Descriptors, Is.LessThanOrEqualTo(MaxPending + 10));
            Assert.That(use.ResidentBytes - before.ResidentBytes, Is.LessThan(MostGrowth));

            var (connection, answer) = await ConvertAsync(AddressFamily.InterNetwork, "legacy");
            using (connection)
            {
                Assert.That(answer, Is.Not.Empty);
                await connection.GreetAsync(Deadline);
            }

            Assert.That(await ReceiveMessageAsync(silent[0]), Is.Empty, "the first one has been reset");
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }

        await Condition.WaitAsync(async () => await PendingAsync() == 0, Patience, "nothing is left of them", Deadline);
    }
}
