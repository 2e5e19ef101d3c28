using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>What cannot be served is told by the code that the RFC has for it, in the bytestream and before any reset (sections 6.2.2 and 6.2.8).</summary>
public sealed class RefusalTests : ConverterFixture
{
    private const AddressFamily Ipv4 = AddressFamily.InterNetwork;
    private const AddressFamily Ipv6 = AddressFamily.InterNetworkV6;

    [TestCase(Ipv4)]
    [TestCase(Ipv6)]
    public async Task Closed_port_is_a_connection_reset(AddressFamily family) =>
        Assert.That(await AskAsync(family, MessageFor(family, "legacy", 9)), Is.EqualTo(Error(96, 0)));

    // Codes of RFC 1812 section 5.2.7.1 and RFC 4443 section 3.1: communication administratively prohibited.
    [TestCase(Ipv4, "198.18.77.1", "198.18.77.0/24", 13)]
    [TestCase(Ipv6, "2001:db8:77::1", "2001:db8:77::/64", 1)]
    public async Task Icmp_error_is_told_with_its_code(AddressFamily family, string server, string prefix, int code)
    {
        (await Core.RunAsync("ip", "route", "replace", "prohibit", prefix)).RequireSuccess();
        Assert.That(await AskAsync(family, ConvertOctets.Connect(IPAddress.Parse(server), 80)), Is.EqualTo(Error(97, (byte)code)));
    }

    [Test]
    public async Task Icmp_port_unreachable_is_no_reset()
    {
        await FilterAsync(9001, "REJECT", "--reject-with", "icmp-port-unreachable");
        Assert.That(await AskAsync(Ipv4, MessageFor(Ipv4, "legacy", 9001)), Is.EqualTo(Error(97, 3)));
    }

    [Test]
    public async Task Filtered_port_is_a_network_failure()
    {
        await FilterAsync(9002, "DROP");
        Assert.That(await AskAsync(Ipv4, MessageFor(Ipv4, "legacy", 9002)), Is.EqualTo(Error(65, 0)));
    }

    private static IEnumerable<TestCaseData> Malformed()
    {
        var connect = ConvertOctets.ConnectTlv(IPAddress.Parse("198.18.10.2"), 80);
        yield return Case("TlvOfLengthZero", 1, ConvertOctets.Message([0x0A, 0, 0, 80]));
        yield return Case("TlvBeyondTheMessage", 1, ConvertOctets.Message([0x0A, 6, .. connect[2..]]));
        yield return Case("ConnectTooShort", 1, ConvertOctets.Message([0x0A, 2, 0, 80, 1, 2, 3, 4]));
        yield return Case("ConnectTwice", 1, ConvertOctets.Message(connect, connect));
        yield return Case("NothingAskedFor", 1, ConvertOctets.Message([]));
        yield return Case("Loopback", 1, ConvertOctets.Connect(IPAddress.Loopback, 80));
        yield return Case("Ipv6Loopback", 1, ConvertOctets.Connect(IPAddress.IPv6Loopback, 80));
        yield return Case("Multicast", 1, ConvertOctets.Connect(IPAddress.Parse("224.0.0.251"), 80));
        yield return Case("Broadcast", 1, ConvertOctets.Connect(IPAddress.Broadcast, 80));
        yield return Case("TypeZero", 2, ConvertOctets.Message(connect, [0, 1, 0, 0]));
        yield return Case("UnknownType", 2, ConvertOctets.Message(connect, [0xC0, 2, 1, 2, 3, 4, 5, 6]));
        yield return Case("LongestMessage", 2, ConvertOctets.Message([0xC0, 254, .. new byte[1014]]));
    }

    [TestCaseSource(nameof(Malformed))]
    public async Task Faulty_message_is_echoed(int code, byte[] message)
    {
        using var client = Open(Ipv4, message);
        var error = ConvertOctets.Find(await ReceiveMessageAsync(client), ConvertOctets.Error);
        var echo = message[..Math.Min(message.Length, 1012)];
        Assert.That(error[2..4], Is.EqualTo(new byte[] { (byte)code, 0 }));
        Assert.That(error[4..], Is.EqualTo(echo), "figure 24");
        Assert.That(await client.ReceiveAsync(new byte[1], Deadline), Is.Zero, "the end of the connection, and no reset that could overtake the error");
    }

    [TestCase(2)]
    [TestCase(0)]
    public async Task Other_version_is_told_the_own_one(int version) => Assert.That(
        await AskAsync(Ipv4, [(byte)version, 6, 0x22, 0x63]), Is.EqualTo(Error(0, 1)));

    [Test]
    public async Task Unsupported_tcp_options_are_listed()
    {
        var connect = ConvertOctets.ConnectTlv(Lab.AddressOf("legacy", Ipv4), 80, 29, 4, 1, 1, 30, 2, 34, 2);
        Assert.That(await AskAsync(Ipv4, ConvertOctets.Message(connect)), Is.EqualTo(new byte[] { 1, 3, 0x22, 0x63, 0x1E, 2, 33, 29, 34, 0, 0, 0 }));
    }

    // Figure 13, and what somebody else's protocol begins with.
    [TestCase(new byte[] { 1, 0, 0x22, 0x63 }, "zeroLength")]
    [TestCase(new byte[] { 0x16, 3, 1, 2, 0, 1, 0, 1 }, "notConvert")]
    [TestCase(new byte[] { 1, 2, 0x22, 0x63, 0x1E, 1, 1, 0 }, "errorFromClient")]
    public async Task No_message_is_reset_without_an_answer(byte[] bytes, string reason)
    {
        var before = await RefusedAsync(reason);
        Assert.That(await AskAsync(Ipv4, bytes), Is.Empty);
        Assert.That(await RefusedAsync(reason), Is.EqualTo(before + 1));
    }

    [Test]
    public async Task Own_address_is_not_authorized()
    {
        Assert.That(await AskAsync(Ipv4, MessageFor(Ipv4, "proxy", 80)), Is.EqualTo(Error(32, 0)));
        Assert.That(await AskAsync(Ipv4, MessageFor(Ipv6, "proxy", ConverterPort)), Is.EqualTo(Error(32, 0)), "the converter to itself");
        Assert.That(await AskAsync(Ipv4, ConvertOctets.Connect(IPAddress.Parse("198.18.3.255"), 80)), Is.EqualTo(Error(32, 0)), "a network's broadcast address");
    }

    [Test]
    public async Task Client_outside_of_the_prefixes_is_not_authorized()
    {
        (await Client.RunAsync("ip", "address", "replace", "198.18.5.9/32", "dev", "wifi")).RequireSuccess();
        (await Core.RunAsync("ip", "route", "replace", "198.18.5.9/32", "via", "198.18.1.2")).RequireSuccess();
        using var client = Open(Ipv4, MessageFor(Ipv4, "legacy", 80), from: IPAddress.Parse("198.18.5.9"));
        Assert.That(await ReceiveMessageAsync(client), Is.EqualTo(Error(32, 0)));
    }

    [Test]
    public async Task Slow_client_is_given_up_and_a_second_one_is_served_meanwhile()
    {
        var before = await RefusedAsync("clientSlow");
        using var slow = Open(Ipv4, [1, 6, 0x22], fastOpen: false);
        var (connection, answer) = await ConvertAsync(Ipv4, "legacy");
        using (connection)
            Assert.That(answer, Is.Not.Empty);
        Assert.That(await ReceiveMessageAsync(slow), Is.Empty);
        Assert.That(await RefusedAsync("clientSlow"), Is.EqualTo(before + 1));
    }

    // A client that goes away takes the box's SYNs with it.
    [Test]
    public async Task Client_that_resets_while_the_server_is_silent_ends_the_attempt()
    {
        await FilterAsync(9003, "DROP");
        var before = await RefusedAsync("clientVanished");
        var client = Open(Ipv4, MessageFor(Ipv4, "legacy", 9003));
        await Condition.WaitAsync(async () => await PendingAsync() > 0, Patience, "the server is dialled", Deadline);
        Connection.Reset(client);
        await Condition.WaitAsync(async () => await RefusedAsync("clientVanished") > before, Patience, "the attempt is given up", Deadline);
        Assert.That((await Box.RunAsync("ss", "-Htan", "dport", "=", ":9003")).RequireSuccess().Trim(), Is.Empty);
    }

    private Task FilterAsync(int port, string target, params string[] options) => FilterAsync(Legacy, port, target, options);

    private static async Task FilterAsync(LabHost host, int port, string target, params string[] options) =>
        (await host.RunAsync("iptables", ["-w", "-A", "INPUT", "-p", "tcp", "--dport", $"{port}", "-j", target, .. options])).RequireSuccess();

    private static byte[] Error(byte code, byte value) => [1, 2, 0x22, 0x63, 0x1E, 1, code, value];

    private static TestCaseData Case(string name, int code, byte[] message) => new TestCaseData(code, message).SetArgDisplayNames(name);
}
