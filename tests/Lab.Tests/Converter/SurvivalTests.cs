using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>A connection through the converter goes on when the daemon of a kept box dies, and the next daemon is a converter again.</summary>
public sealed class SurvivalTests : ConverterFixture
{
    private const string Serving = "Serving as";

    protected override LabOptions Options => base.Options with { KeepBoxes = true };

    [Test]
    public async Task Killed_daemon_loses_no_converted_connection()
    {
        var (connection, _) = await ConvertAsync(AddressFamily.InterNetwork, "legacy");
        using (connection)
        {
            await connection.GreetAsync(Deadline);
            ProcessControl.Send(Box.DaemonProcessId!.Value, ProcessSignal.Kill);
            await Condition.WaitAsync(() => Box.BoxLog.Split(Serving).Length == 3, Patience, "the next daemon serves", Deadline);

            Assert.That((await FlowAsync(subflows: 2)).Reason, Is.EqualTo("convertRequested"));
            foreach (var (from, to) in new[] { (connection.Client, connection.Server), (connection.Server, connection.Client) })
            {
                var receiving = ByteStream.ReceiveAsync(to, Deadline, atMost: 1_000_000);
                Assert.That(await ByteStream.SendAsync(from, 1_000_000, Deadline), Is.EqualTo(await receiving));
            }
        }

        await IdleAsync();
        var (next, answer) = await ConvertAsync(AddressFamily.InterNetwork, "legacy");
        using (next)
            Assert.That(answer, Is.Not.Empty);
    }
}
