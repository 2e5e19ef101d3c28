using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine.Converter;
using Middlebox.ProxyEngine.Converter.Client;

namespace Middlebox.Appliance.Commands.Connect;

/// <summary><c>middlebox connect</c>: on an end host, one connection to a server through a converter (RFC 8803), joined to standard input and output.</summary>
internal sealed class ConnectCommand : Command
{
    private readonly Argument<string> _host = new("HOST") { Description = "Name or address of the server" };
    private readonly Argument<ushort> _port = new("PORT") { Description = "Its port" };
    private readonly Option<string> _via = new("--via")
    {
        Description = $"Name or address of the converter, and its port (default: {ConverterOptions.UsualPort})",
        HelpName = "PROXY[:PORT]",
        Required = true,
    };

    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "Seconds that the converter may take to answer (default: 60)",
        HelpName = "S",
        DefaultValueFactory = _ => 60,
    };

    private readonly Option<bool> _noFastOpen = new("--no-fast-open") { Description = "Send nothing in the SYN: for paths that drop SYNs with data" };
    private readonly Option<bool> _halfClose = new("-N") { Description = "End the own direction at the end of the input; many servers end all then" };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Say on standard error what the connection is" };

    public ConnectCommand()
        : base("connect", "Connect to a server through a converter (RFC 8803), with standard input and output as nc does")
    {
        Add(_host);
        Add(_port);
        Add(_via);
        Add(_timeout);
        Add(_noFastOpen);
        Add(_halfClose);
        Add(_verbose);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellation)
    {
        var error = command.InvocationConfiguration.Error;
        var timeout = command.GetValue(_timeout);
        if (ProblemOf(command, timeout, out var via) is { } problem)
        {
            await error.WriteLineAsync(problem);
            return ExitCode.Usage;
        }

        try
        {
            var server = new HostEndpoint(await ResolveAsync(command.GetRequiredValue(_host), cancellation), new PortNumber(command.GetValue(_port)));
            var converter = new HostEndpoint(await ResolveAsync(via.Host, cancellation), via.Port);
            var client = new ConvertClient(new ConvertClientOptions(converter, !command.GetValue(_noFastOpen), TimeSpan.FromSeconds(timeout)));
            await using var input = Console.OpenStandardInput();
            var answer = await client.ConnectAsync(server, StandardStreams.ReadWaiting(input), cancellation);
            if (answer.Connection is not { } connection)
            {
                await error.WriteLineAsync($"{server} through {converter}: {answer.Problem ?? ConvertErrorText.Describe(answer)}");
                return ExitCode.Failure;
            }

            if (command.GetValue(_verbose))
            {
                await error.WriteLineAsync(
                    $"connected to {server} through {converter} by {(answer.IsMptcp ? "MPTCP" : "TCP")}; the server {(answer.IsServerCapable ? "speaks MPTCP itself" : "does not speak MPTCP, or the converter could not tell")}");
            }

            using (connection)
            {
                await using var output = Console.OpenStandardOutput();
                await new StandardStreams(input, output, command.GetValue(_halfClose)).JoinAsync(connection, cancellation);
            }

            return ExitCode.Success;
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            await error.WriteLineAsync(failure.Message);
            return ExitCode.Failure;
        }
    }

    /// <summary>What is wrong with the command line, and the right form; null if nothing is.</summary>
    private string? ProblemOf(ParseResult command, double timeout, out ProxyName via)
    {
        if (ProxyName.Read(command.GetRequiredValue(_via), out via) is { } proxy)
            return $"--via: {proxy}. It takes PROXY[:PORT], such as proxy.example:5124, 198.18.3.2 or [2001:db8:3::2]:5124";
        if (HostName.ProblemOf(command.GetRequiredValue(_host)) is { } host)
            return $"HOST: {host}. It takes a name or an address without brackets, such as server.example, 198.18.10.2 or 2001:db8:10::2";
        if (command.GetValue(_port) == 0)
            return "PORT: '0' is no port; a port is 1 to 65535";
        return timeout is > 0 and <= 86_400 ? null : $"--timeout: {timeout} is out of range; it takes seconds, more than 0 and at most 86400, which is a day";
    }

    /// <summary>The protocol carries addresses only, so names are looked up here (RFC 8803 section 2).</summary>
    private static async Task<HostAddress> ResolveAsync(string host, CancellationToken cancellation)
    {
        if (HostAddress.TryParse(host, out var address))
            return address;
        try
        {
            var found = await Dns.GetHostAddressesAsync(host, cancellation);
            return HostAddress.Parse(found[0].ToString());
        }
        catch (SocketException failure)
        {
            throw new IOException($"'{host}' cannot be looked up: {failure.Message}", failure);
        }
    }
}
