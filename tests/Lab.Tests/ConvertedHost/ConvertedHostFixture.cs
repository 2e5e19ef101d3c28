using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.ConvertedHost;

/// <summary>Base of tests with a client all of whose connections go through a converter off the path (RFC 8803).</summary>
public abstract class ConvertedHostFixture() : ServingLabFixture("converted-host")
{
    private static int _lastPort = 7000;

    protected LabHost Converter => Lab["proxy"];

    protected override LabHost Box => Converter;

    /// <summary>Of those that the converter serves.</summary>
    protected static int NewPort() => Interlocked.Increment(ref _lastPort);

    /// <summary>Runs curl, which speaks TCP, on the client.</summary>
    protected Task<CommandResult> CurlAsync(params string[] arguments) => Client.RunAsync(["curl", "-sSgf", "-m", "10", .. arguments], null, Deadline);

    /// <summary>Where a server sees the client's connections come from, on the web server that answers that.</summary>
    protected async Task<string> SeenFromAsync(AddressFamily family, string server) =>
        (await CurlAsync($"{Lab.UrlOf(server, family)}/whoami")).RequireSuccess().Split(' ')[0];

    protected void AssertRefused(AddressFamily family, string server, int port)
    {
        using var client = Client.CreateTcpSocket(family, mptcp: false);
        Assert.That(
            async () => await client.ConnectAsync(Lab.EndpointOf(server, family, port), Deadline),
            Throws.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionRefused));
    }

    /// <summary>A number of what the client says of its own connections.</summary>
    protected Task<long> CountAsync(string name) => CountAsync(Client, "hostProxy", name);
}
