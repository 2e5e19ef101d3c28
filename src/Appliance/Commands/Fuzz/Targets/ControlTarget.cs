using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Explain;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Appliance.Trace;
using Middlebox.Fuzzing;
using Middlebox.Fuzzing.Mutation;

namespace Middlebox.Appliance.Commands.Fuzz.Targets;

/// <summary>A control socket, and the questions of explain and trace.</summary>
internal sealed class ControlTarget : IFuzzTarget, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("middlebox-fuzz");
    private readonly ControlServer _server;

    public ControlTarget() => _server = new ControlServer(
        SocketPath,
        new ControlAnswers(
            static () => new StatusReport
            {
                Name = "fuzz",
                Mode = NegotiationMode.Implicit,
                Since = DateTimeOffset.UnixEpoch,
                Contexts = new ContextsReport(0, 0, new Dictionary<Negotiation.Reason, long>()),
                Flows = new FlowTotals(0, 0, new Dictionary<ProxyEngine.Relay.FlowEnd, long>()),
                Bypassed = new Dictionary<Negotiation.Reason, long>(),
                Claims = new Dictionary<Negotiation.Reason, long>(),
                Packets = new PacketsReport(0, 0, 0, 0, 0),
            },
            static () => [],
            static () => [],
            static () => new ClearedServersReport(0),
            static () => new UpgradeReport(Kept: false, Connections: 0),
            static words => new ExplainReport { Error = ExplainQuery.TryParse(words, out _, out var problem) ? null : problem },
            TraceAsync),
        NullLogger.Instance);

    public IMutator Mutator { get; } = new ByteMutator(
    [
        .. new[]
        {
            "status", "flows", "servers", "servers clear", "upgrade", "explain", "trace", " ", "\n", "\r\n", "any", "198.18.1.2", "198.18.0.0/15", "198.18.1.2:443", "[2001:db8::1]:443",
            "::ffff:1.2.3.4", "client=", "server=", "ports=", "reasons=", "past", "packets", "serverLegacy", "80,443", "8000-8999", "65536", "-", ",", "/33", "/0",
        }.Select(Encoding.UTF8.GetBytes),
    ], longest: 2 * ControlProtocol.MaximumRequestLength);

    public int Run(byte[] input)
    {
        if (Ask(input) is not { } answer)
            return 0;
        using var json = JsonDocument.Parse(answer);
        var isError = json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String;
        var line = Array.IndexOf(input, (byte)'\n') is var end and >= 0 and < ControlProtocol.MaximumRequestLength
            ? Encoding.UTF8.GetString(input, 0, end).Trim()
            : null;
        var verb = line?.Split(' ')[0];
        var isKnown = line is "status" or "flows" or "servers" or "servers clear" or "upgrade" || verb is "explain" or "trace";
        OracleException.Require(isKnown || isError, $"what is no request is answered with {answer}");
        OracleException.Require(isError || verb is not "explain" || line!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length <= 3, "too many words are taken");
        OracleException.Require(!isError || line is not ("status" or "flows" or "servers" or "servers clear" or "upgrade"), "a request is refused");
        return HashCode.Combine(isKnown, isError, verb is "explain" or "trace" ? verb.Length : 0, line?.Count(letter => letter is ' ' or '=' or ',' or '/'));
    }

    public void Dispose()
    {
        _server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _directory.Delete(recursive: true);
    }

    private string SocketPath => Path.Combine(_directory.FullName, "box.sock");

    /// <returns>Null if the answer was lost.</returns>
    private string? Ask(byte[] input)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        try
        {
            socket.Send(input);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It has answered already, to so much talk.
        }

        var answer = new MemoryStream();
        var buffer = new byte[4096];
        while (socket.Receive(buffer, SocketFlags.None, out var error) is var count && (count > 0 || error != SocketError.Success))
        {
            if (error != SocketError.Success)
            {
                // A close with unread bytes resets the connection, and what was answered may go with it.
                OracleException.Require(input.Length >= ControlProtocol.MaximumRequestLength || AfterFirstLine(input), $"not answered: {error}");
                return null;
            }

            answer.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length);
    }

    private static bool AfterFirstLine(byte[] input) => Array.IndexOf(input, (byte)'\n') is var end and >= 0 && end < input.Length - 1;

    private static async Task TraceAsync(Stream stream, string words, CancellationToken cancellation)
    {
        var isTaken = TraceFilter.TryParse(words, out var filter, out var problem);
        OracleException.Require(isTaken == (problem is null) && isTaken == (filter is not null), "taken, and a problem");
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new TraceReport(Error: problem, Tracing: isTaken ? "fuzz" : null), ReportJson.Sparse);
        await stream.WriteAsync(bytes, cancellation);
    }
}
