using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Converter;

/// <summary><c>middlebox connect</c> joins standard input and output to a server through the converter, and says in words why it could not.</summary>
public sealed class ConnectVerbTests : ConverterFixture
{
    private const string Request = "GET /whoami HTTP/1.0\r\n\r\n";

    [TestCase(AddressFamily.InterNetwork, "legacy", "does not speak MPTCP")]
    [TestCase(AddressFamily.InterNetworkV6, "capable", "speaks MPTCP itself")]
    public async Task Request_from_standard_input_is_answered(AddressFamily family, string host, string verdict)
    {
        var server = Lab.AddressOf(host, family);
        var run = await RunAsync(Request, $"{server}", "80", "--via", $"{Converter(family)}", "-v");
        Assert.That(run.RequireSuccess(), Does.Contain($"{server} 80").And.Contain($"{Lab.AddressOf("proxy", family)} "));
        Assert.That(run.Error, Does.Contain("by MPTCP").And.Contain(verdict));
    }

    [Test]
    public async Task Usual_port_and_nothing_in_the_syn()
    {
        var run = await RunAsync(Request, "198.18.10.2", "80", "--via", "198.18.3.2", "--no-fast-open");
        Assert.That(run.RequireSuccess(), Does.Contain("198.18.10.2 80"));
    }

    [Test]
    public async Task End_of_input_ends_the_own_direction_if_asked_to()
    {
        var port = NewPort();
        using var listener = Connection.Listen(Lab, AddressFamily.InterNetwork, "legacy", port);
        var running = RunAsync("all of it", "198.18.10.2", $"{port}", "--via", "198.18.3.2", "-N");
        using var server = await listener.AcceptAsync(Deadline);
        Assert.That((await ByteStream.ReceiveAsync(server, Deadline)).Length, Is.EqualTo(9));
        await server.SendAsync("heard"u8.ToArray(), Deadline);
        server.Shutdown(SocketShutdown.Send);
        Assert.That((await running).RequireSuccess(), Is.EqualTo("heard"));
    }

    [TestCase("198.18.10.2", "9", "198.18.3.2", "Connection Reset (96): the server refuses")]
    [TestCase("127.0.0.1", "80", "198.18.3.2", "Malformed Message (1)")]
    [TestCase("198.18.3.2", "80", "[2001:db8:3::2]:5124", "Not Authorized (32)")]
    [TestCase("198.18.66.1", "80", "198.18.3.2", "Destination Unreachable (97): a router says that the server cannot be reached (ICMP code 0)")]
    [TestCase("198.18.10.2", "80", "198.18.10.2:80", "does not answer as a converter does")]
    [TestCase("198.18.10.2", "80", "198.18.3.2:5125", "the converter at 198.18.3.2:5125 cannot be reached")]
    public async Task Refusal_is_said_in_words(string server, string port, string via, string expected)
    {
        var run = await RunAsync(null, server, port, "--via", via);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Contain(expected));
    }

    [TestCase("198.18.10.2", "80")]
    [TestCase("198.18.10.2", "80", "--via", "[zz")]
    [TestCase("198.18.10.2", "http", "--via", "198.18.3.2")]
    [TestCase("198.18.10.2", "80", "--via", "198.18.3.2", "--timeout", "0")]
    public async Task Wrong_command_line(params string[] arguments) =>
        Assert.That((await RunAsync(null, arguments)).ExitCode, Is.EqualTo(2));

    private Task<CommandResult> RunAsync(string? input, params string[] arguments) => ConnectVerb.RunAsync(Client, input, arguments, Deadline);
}
