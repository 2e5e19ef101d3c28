using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>
/// A server that has said all before the client has taken it: nothing more comes that would make the kernel report the bytes that wait in the subflow of an
/// MPTCP connection.
/// </summary>
public sealed class WaitingBytesTests : ConverterFixture
{
    private const long Amount = 20_000_000;

    [Test]
    public async Task Server_that_has_ended_is_heard_to_the_end()
    {
        for (var i = 0; i < 20; i++)
        {
            var (connection, _) = await ConvertAsync(AddressFamily.InterNetwork, "legacy");
            using var both = connection;
            var receiving = ByteStream.ReceiveAsync(connection.Client, Deadline);
            var sent = await ByteStream.SendAllAsync(connection.Server, Amount, Deadline);
            Assert.That(await receiving, Is.EqualTo(sent));
        }
    }
}
