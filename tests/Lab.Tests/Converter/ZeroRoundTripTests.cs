using System.Net.Sockets;
using System.Text;
using Middlebox.Lab.Tests.Hostile;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>What a client sends in its SYN reaches the server in the server's first round trip (RFC 8803 section 4.2).</summary>
public sealed class ZeroRoundTripTests : ConverterFixture
{
    private const string Request = "GET / HTTP/1.0\r\n\r\n";

    // Nothing but SYNs leaves the client, so whatever comes to the server came with one.
    [TestCase(AddressFamily.InterNetwork, "iptables", true)]
    [TestCase(AddressFamily.InterNetworkV6, "ip6tables", true)]
    [TestCase(AddressFamily.InterNetwork, "iptables", false)]
    public async Task Request_in_the_syn_reaches_the_server_behind_its_syn_ack(AddressFamily family, string tool, bool mptcp)
    {
        string[] rule = ["OUTPUT", "-p", "tcp", "--dport", $"{ConverterPort}", "!", "--syn", "-j", "DROP"];
        (await Client.RunAsync(tool, ["-w", "-A", .. rule])).RequireSuccess();
        using var atConverter = new PacketCapture(Box);
        using var atServer = new PacketCapture(Legacy);
        var port = NewPort();
        using var listener = Connection.Listen(Lab, family, "legacy", port);
        using var client = Open(family, [.. MessageFor(family, "legacy", port), .. Encoding.ASCII.GetBytes(Request)], mptcp: mptcp);
        using var server = await listener.AcceptAsync(Deadline);
        var received = new byte[Request.Length];
        Assert.That(await server.ReceiveAsync(received, Deadline), Is.EqualTo(Request.Length));
        Assert.That(Encoding.ASCII.GetString(received), Is.EqualTo(Request));

        var syn = await atConverter.ReceiveAsync(((System.Net.IPEndPoint)client.LocalEndPoint!).Port, Deadline);
        Assert.That(Describe(syn), Is.EqualTo($"Syn {24 + Request.Length}"), "the message and the request, in the client's SYN");

        var source = ((System.Net.IPEndPoint)server.RemoteEndPoint!).Port;
        var seen = new List<string>();
        do
            seen.Add(Describe(await atServer.ReceiveAsync(source, Deadline)));
        while (seen[^1].EndsWith(" 0", StringComparison.Ordinal));
        Assert.That(
            seen, Is.EqualTo(new[] { "Syn 0", "Ack 0", $"Psh, Ack {Request.Length}" }).Or.EqualTo(new[] { "Syn 0", $"Psh, Ack {Request.Length}" }),
            "the server's first round trip");

        (await Client.RunAsync(tool, ["-w", "-D", .. rule])).RequireSuccess();
        Assert.That(await ReceiveMessageAsync(client), Is.Not.Empty, "then the rest of the handshake comes through");
        Assert.That((await AskServerAsync(server, client)), Is.True);
    }

    private async Task<bool> AskServerAsync(Socket server, Socket client)
    {
        var receiving = ByteStream.ReceiveAsync(client, Deadline, atMost: 10_000);
        return await ByteStream.SendAsync(server, 10_000, Deadline) == await receiving;
    }

    /// <summary>Flags and octets of data.</summary>
    private static string Describe(byte[] packet)
    {
        Assert.That(TcpPacket.Read(packet, out var segment), Is.EqualTo(PacketDefect.None));
        return $"{segment.Flags} {segment.PayloadLength}";
    }
}
