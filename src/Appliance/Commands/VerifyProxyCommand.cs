using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Interceptor.Observation;
using Middlebox.Native;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Appliance.Commands;

/// <summary>
/// <c>middlebox verify-proxy</c>: on an end host, tells of each MPTCP connection that the host opens whether a proxy serves it, and
/// whether it is one of the operator's.
/// </summary>
internal sealed class VerifyProxyCommand : Command
{
    private readonly Option<FileInfo?> _keys = new("--keys")
    {
        Description = "File of the keys shared with the proxies; without it nothing can be verified",
        HelpName = "FILE",
    };

    private readonly Option<int?> _count = new("--count") { Description = "End after this many connections", HelpName = "N" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object a line" };

    public VerifyProxyCommand()
        : base("verify-proxy", "On an end host, watch its own MPTCP connections and tell which of them a proxy serves, verified or not")
    {
        Add(_keys);
        Add(_count);
        Add(_json);
        SetAction((command, cancellation) => Task.Run(() => Watch(command, cancellation), CancellationToken.None));
    }

    private int Watch(ParseResult command, CancellationToken cancellation)
    {
        var error = command.InvocationConfiguration.Error;
        SharedKeys? keys = null;
        if (command.GetValue(_keys) is { } file)
        {
            var problems = SharedKeyFile.Read(file.FullName, out keys);
            foreach (var problem in problems)
                error.WriteLine($"--keys: {problem}");
            if (problems.Count > 0)
                return ExitCode.Usage;
        }

        try
        {
            using var tap = new SynAckTap();
            var left = command.GetValue(_count) ?? int.MaxValue;
            while (left > 0 && !cancellation.IsCancellationRequested)
            {
                if (TryRead(tap.Next(), keys, out var report))
                {
                    Write(command, report);
                    left--;
                }
            }

            return ExitCode.Success;
        }
        catch (ErrnoException failure)
        {
            error.WriteLine($"Cannot watch: {failure.Message}. It takes root, or the capability CAP_NET_RAW.");
            return ExitCode.Failure;
        }
    }

    /// <summary>False if the packet is no SYN/ACK that opens an MPTCP connection.</summary>
    private static bool TryRead(ReadOnlySpan<byte> packet, SharedKeys? keys, out ServedConnection report)
    {
        report = default!;
        if (TcpPacket.Read(packet, out var synAck) != PacketDefect.None
            || HandshakeOptions.Read(synAck.Options).MpCapable != MpCapableKind.Version1)
            return false;

        var isVerified = SynAckClaims.Verify(in synAck, keys, acceptUnsigned: false, out var claim);
        report = new ServedConnection(
            synAck.Destination.ToString(),
            synAck.Source.ToString(),
            isVerified is not null,
            isVerified == true,
            isVerified == true ? claim.ProxyId : null,
            isVerified == true ? claim.Preference : null);
        return true;
    }

    private void Write(ParseResult command, ServedConnection connection)
    {
        var output = command.InvocationConfiguration.Output;
        output.WriteLine(command.GetValue(_json)
            ? JsonSerializer.Serialize(connection, ReportJson.Line)
            : $"{connection.Client} > {connection.Server}  {connection.Describe()}");
        output.Flush();
    }
}
