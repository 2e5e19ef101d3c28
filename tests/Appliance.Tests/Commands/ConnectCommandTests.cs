using System.CommandLine;
using Middlebox.Appliance.Commands;
using Middlebox.Appliance.Commands.Connect;

namespace Middlebox.Appliance.Tests.Commands;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ConnectCommandTests
{
    private const string Form = "proxy.example:5124, 198.18.3.2 or [2001:db8:3::2]:5124";

    [TestCase("[zz", "'[zz' is neither a name nor an address")]
    [TestCase("[zz]", "'zz' in brackets is no address")]
    [TestCase("[zz]:5124", "'zz' in brackets is no address")]
    [TestCase("[2001:db8::2]x", "'[2001:db8::2]x' is no IPv6 address")]
    [TestCase("[]", "'' in brackets is no address")]
    [TestCase("", "no host is named")]
    [TestCase(":5124", "no host is named")]
    [TestCase("proxy:", "'' is no port; a port is 1 to 65535")]
    [TestCase("proxy:0", "'0' is no port")]
    [TestCase("198.18.3.2:65536", "'65536' is no port")]
    [TestCase("[2001:db8::2]:http", "'http' is no port")]
    [TestCase("::1:x", "'::1:x' is no IPv6 address, and one with a port behind it is written in brackets")]
    [TestCase("2001:db8::zz", "'2001:db8::zz' is no IPv6 address")]
    [TestCase("two words", "'two words' is neither a name nor an address")]
    public async Task WrongProxy_IsNamed_WithTheRightForm(string via, string problem)
    {
        var (exitCode, error) = await RunAsync("198.18.10.2", "80", "--via", via);
        Assert.That(exitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(error, Does.StartWith($"--via: {problem}").And.Contain(Form));
    }

    [TestCase("[2001:db8::1]", "80", "60", "HOST: '[2001:db8::1]' is no IPv6 address. It takes a name or an address without brackets")]
    [TestCase("-a", "80", "60", "HOST: '-a' is neither a name nor an address")]
    [TestCase("198.18.10.2", "0", "60", "PORT: '0' is no port; a port is 1 to 65535")]
    [TestCase("198.18.10.2", "80", "0", "--timeout: 0 is out of range")]
    [TestCase("198.18.10.2", "80", "86401", "--timeout: 86401 is out of range")]
    public async Task WrongValue_IsNamed(string host, string port, string timeout, string problem)
    {
        var (exitCode, error) = await RunAsync("--via", "198.18.3.2", "--timeout", timeout, "--", host, port);
        Assert.That(exitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(error, Does.StartWith(problem));
    }

    [TestCase("proxy.example", "proxy.example", 5124)]
    [TestCase("proxy.example:99", "proxy.example", 99)]
    [TestCase("198.18.3.2", "198.18.3.2", 5124)]
    [TestCase("198.18.3.2:99", "198.18.3.2", 99)]
    [TestCase("2001:db8::7", "2001:db8::7", 5124)]
    [TestCase("[2001:db8::7]", "2001:db8::7", 5124)]
    [TestCase("[2001:db8::7]:99", "2001:db8::7", 99)]
    public void RightProxy_IsRead(string via, string host, int port)
    {
        Assert.That(ProxyName.Read(via, out var proxy), Is.Null);
        Assert.That((proxy.Host, (int)proxy.Port.Value), Is.EqualTo((host, port)));
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(params string[] arguments)
    {
        using var error = new StringWriter();
        var exitCode = await new ConnectCommand().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = TextWriter.Null, Error = error });
        return (exitCode, error.ToString());
    }
}
