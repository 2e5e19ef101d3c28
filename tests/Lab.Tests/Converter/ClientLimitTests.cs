using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>What one client may have of the converter (RFC 8803 section 9.3).</summary>
public sealed class ClientLimitTests : ConverterFixture
{
    private const AddressFamily Family = AddressFamily.InterNetwork;

    private static readonly byte[] ResourceExceeded = [0x1E, 1, 64, 0];

    protected override Dictionary<string, string> Settings => new()
    {
        ["Middlebox:Converter:MaxFlowsPerClient"] = "2",
        ["Middlebox:Converter:MaxPendingPerClient"] = "3",
        ["Middlebox:Converter:Hairpinning"] = "false",
        ["Middlebox:Converter:RequestTimeout"] = "00:01:00",
    };

    [Test]
    public async Task Connections_beyond_the_limit_are_told_and_places_come_back()
    {
        var (first, _) = await ConvertAsync(Family, "legacy");
        using (first)
        {
            var (second, _) = await ConvertAsync(Family, "legacy");
            using (second)
                Assert.That(ConvertOctets.Find(await AskAsync(Family, MessageFor(Family, "legacy", 80)), ConvertOctets.Error), Is.EqualTo(ResourceExceeded));
        }

        await IdleAsync();
        var (third, answer) = await ConvertAsync(Family, "legacy");
        using (third)
            Assert.That(ConvertOctets.Find(answer, ConvertOctets.Extended), Is.Not.Empty);
    }

    [Test]
    public async Task Connections_being_set_up_beyond_the_limit_are_told()
    {
        // One that another test has left behind would be taken for one of these.
        await Condition.WaitAsync(async () => await PendingAsync() == 0, Patience, "no other is being set up", Deadline);
        var silent = Enumerable.Range(0, 3).Select(_ => Open(Family, [], fastOpen: false)).ToList();
        await Condition.WaitAsync(async () => await PendingAsync() == 3, Patience, "all are accepted", Deadline);
        Assert.That(ConvertOctets.Find(await AskAsync(Family, MessageFor(Family, "legacy", 80)), ConvertOctets.Error), Is.EqualTo(ResourceExceeded));
        silent.ForEach(socket => socket.Dispose());
        await Condition.WaitAsync(async () => await PendingAsync() == 0, Patience, "the places are free", Deadline);
    }

    [Test]
    public async Task Client_as_a_server_is_not_authorized_where_that_is_off()
    {
        var before = await RefusedAsync("hairpin");
        await AskAsync(Family, ConvertOctets.Connect(Lab.AddressOf("client", Family, "lte"), 80));
        Assert.That(await RefusedAsync("hairpin"), Is.EqualTo(before + 1));
    }
}
