using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Servers;
using Middlebox.ProxyEngine.Relay;
using Middlebox.Testing;

namespace Middlebox.Appliance.Tests.Control;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class ControlServerTests : IAsyncDisposable
{
    private const int Places = 16;

    private readonly TemporaryDirectory _directory = new();
    private readonly ControlServer _server;
    private int _flowCount = 1;

    public ControlServerTests() => _server = Listen();

    private string Path => _directory.File("run/box.sock");

    [Test]
    public async Task Status_IsAnsweredInTheAgreedForm()
    {
        using var answer = JsonDocument.Parse(await ControlClient.AskAsync(Path, "status", default));
        var root = answer.RootElement;
        Assert.That(root.GetProperty("name").GetString(), Is.EqualTo("p1"));
        Assert.That(root.GetProperty("mode").GetString(), Is.EqualTo("implicit"));
        Assert.That(root.GetProperty("contexts").GetProperty("current").GetInt64(), Is.EqualTo(1));
        Assert.That(root.GetProperty("contexts").GetProperty("released").GetProperty("serverCapable").GetInt64(), Is.EqualTo(2));
        Assert.That(root.GetProperty("flows").GetProperty("active").GetInt64(), Is.EqualTo(3));
        Assert.That(root.GetProperty("flows").GetProperty("ended").GetProperty("clientReset").GetInt64(), Is.EqualTo(5));
        Assert.That(root.GetProperty("bypassed").GetProperty("tcpMd5").GetInt64(), Is.EqualTo(6));
    }

    [Test]
    public async Task Flows_AreAnsweredInTheAgreedForm()
    {
        using var answer = JsonDocument.Parse(await ControlClient.AskAsync(Path, "flows", default));
        var flow = answer.RootElement[0];
        Assert.That(answer.RootElement.GetArrayLength(), Is.EqualTo(1));
        Assert.That(flow.GetProperty("client").GetString(), Is.EqualTo("198.18.1.2:1000"));
        Assert.That(flow.GetProperty("server").GetString(), Is.EqualTo("[2001:db8::9]:80"));
        Assert.That(flow.GetProperty("mptcp").GetBoolean(), Is.True);
        Assert.That(flow.GetProperty("subflows")[0].GetProperty("remote").GetString(), Is.EqualTo("b"));
        Assert.That(flow.GetProperty("bytesUp").GetInt64(), Is.EqualTo(7));
        Assert.That(flow.GetProperty("bytesDown").GetInt64(), Is.EqualTo(8));
        Assert.That(flow.GetProperty("reason").GetString(), Is.EqualTo("serverLegacy"));
    }

    [Test]
    public async Task Servers_AreAnsweredInTheAgreedForm()
    {
        using var answer = JsonDocument.Parse(await ControlClient.AskAsync(Path, "servers", default));
        var server = answer.RootElement[0];
        Assert.That(server.GetProperty("server").GetString(), Is.EqualTo("[2001:db8::9]:80"));
        Assert.That(server.GetProperty("capability").GetString(), Is.EqualTo("dropsMpCapable"));
        Assert.That(server.GetProperty("ageSeconds").GetDouble(), Is.EqualTo(3));
        Assert.That(server.GetProperty("remainingSeconds").GetDouble(), Is.EqualTo(60));
    }

    [Test]
    public async Task ServersClear_TellsHowMany() =>
        Assert.That((await ControlClient.AskAsync<ClearedServersReport>(Path, "servers clear", default)).Cleared, Is.EqualTo(4));

    [Test]
    public async Task Reports_ReadBackAsTheyWere()
    {
        Assert.That(await ControlClient.AskAsync<FlowReport[]>(Path, "flows", default), Has.Length.EqualTo(1));
        var status = await ControlClient.AskAsync<StatusReport>(Path, "status", default);
        Assert.That(status.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [Reason.TcpMd5] = 6 }));
        Assert.That(status.Flows.Ended, Is.EqualTo(new Dictionary<FlowEnd, long> { [FlowEnd.ClientReset] = 5 }));
    }

    [TestCase("status\n")]
    [TestCase(" status \r\n")]
    [TestCase("status\nflows\n")]
    public void Request_EndsAtTheFirstLineFeed(string text) =>
        Assert.That(Ask(text), Does.Contain("\"name\": \"p1\""));

    [TestCase("explain", "")]
    [TestCase("explain any 198.18.9.2:80", "any 198.18.9.2:80")]
    public async Task Explain_GetsTheWordsBehindTheVerb(string request, string words) =>
        Assert.That((await ControlClient.AskAsync<ExplainReport>(Path, request, default)).Error, Is.EqualTo(words));

    [TestCase("trace", "[]")]
    [TestCase("trace client=any past", "[client=any past]")]
    public async Task Trace_IsAnsweredForAsLongAsTheAskerListens(string request, string line)
    {
        await using var lines = ControlClient.FollowAsync(Path, request, default).GetAsyncEnumerator();
        Assert.That(await lines.MoveNextAsync(), Is.True);
        Assert.That(lines.Current, Is.EqualTo(line));
    }

    [TestCase("tracer\n")]
    [TestCase("\n")]
    [TestCase("stop\n")]
    [TestCase("STATUS\n")]
    [TestCase("{}\n")]
    [TestCase("\u00FF\u0000\n")]
    public void UnknownRequest_IsAnsweredWithAnError(string text) => AssertError(Ask(text));

    [Test]
    public void RequestWithoutLineFeed_IsAnsweredWithAnError() => AssertError(Ask("status", endsThere: true));

    [Test]
    public void NoRequest_IsAnsweredWithAnError() => AssertError(Ask("", endsThere: true));

    [Test]
    public void RequestInPieces_IsPutTogether()
    {
        using var client = Connect();
        foreach (var piece in "status\n")
            client.Send([(byte)piece]);
        Assert.That(ReadAll(client), Does.Contain("\"name\""));
    }

    [TestCase(ControlProtocol.MaximumRequestLength)]
    [TestCase(100_000)]
    public async Task RequestTooLong_IsRefusedAndTheNextServed(int length)
    {
        using (var client = Connect())
        {
            try
            {
                client.Send(Encoding.ASCII.GetBytes(new string('x', length)));
                AssertError(ReadAll(client));
            }
            catch (SocketException)
            {
                // It has hung up on so much talk.
            }
        }

        Assert.That(await ControlClient.AskAsync(Path, "status", default), Does.Contain("\"p1\""));
    }

    [Test]
    public async Task ClientThatHangsUp_IsForgotten()
    {
        for (var i = 0; i < 3 * Places; i++)
        {
            using var client = Connect();
            client.Send("flows\n"u8);
        }

        Assert.That(await ControlClient.AskAsync(Path, "status", default), Does.Contain("\"p1\""));
    }

    [Test]
    public async Task SlowClient_DoesNotHoldUpOthers()
    {
        using var slow = Connect();
        slow.Send("sta"u8);
        Assert.That(await ControlClient.AskAsync(Path, "status", default), Does.Contain("\"p1\""));
        slow.Send("tus\n"u8);
        Assert.That(ReadAll(slow), Does.Contain("\"p1\""));
    }

    // The client's own patience is 5 s: whoever comes after them must still be answered.
    [Test]
    public async Task SilentClients_InEveryPlace_AreShownOut()
    {
        var silent = Enumerable.Range(0, Places).Select(_ => Connect()).ToList();
        Assert.That(await ControlClient.AskAsync(Path, "status", default), Does.Contain("\"p1\""));
        silent.ForEach(client => client.Dispose());
    }

    // Each byte comes in time, and the request never.
    [Test]
    public async Task DrippingClients_InEveryPlace_AreShownOut()
    {
        var dripping = Enumerable.Range(0, Places).Select(_ => Connect()).ToList();
        using var answered = new CancellationTokenSource();
        var drops = Task.Run(async () =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (!answered.IsCancellationRequested && await timer.WaitForNextTickAsync())
                dripping.ForEach(client => client.Send("x"u8, SocketFlags.None, out _));
        });
        Assert.That(await ControlClient.AskAsync(Path, "status", default), Does.Contain("\"p1\""));
        await answered.CancelAsync();
        await drops;
        dripping.ForEach(client => client.Dispose());
    }

    // An answer that is larger than what the socket buffers.
    [Test]
    public async Task ClientsThatNeverRead_InEveryPlace_AreShownOut()
    {
        _flowCount = 3_000;
        var silent = Enumerable.Range(0, Places).Select(_ => Connect()).ToList();
        silent.ForEach(client => client.Send("flows\n"u8));
        Assert.That(await ControlClient.AskAsync(Path, "status", default), Does.Contain("\"p1\""));
        silent.ForEach(client => client.Dispose());
    }

    [Test]
    public async Task HundredClientsAtOnce_AreAllAnswered()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => ControlClient.AskAsync(Path, "status", default)));
        Assert.That(answers, Has.All.Contain("\"p1\""));
    }

    [Test]
    public async Task LongAnswer_ArrivesWhole()
    {
        _flowCount = 8_000;
        Assert.That(await ControlClient.AskAsync<FlowReport[]>(Path, "flows", default), Has.Length.EqualTo(8_000));
    }

    [Test]
    public async Task ReportThatFails_CostsItsClientOnly()
    {
        _flowCount = -1;
        for (var i = 0; i < 2 * Places; i++)
            Assert.That(Ask("flows\n"), Is.Empty);
        Assert.That(await ControlClient.AskAsync(Path, "status", default), Does.Contain("\"p1\""));
    }

    // More often than there are places: an error must not cost one.
    [TestCase(SocketError.TooManyOpenSockets)]
    [TestCase(SocketError.ConnectionAborted)]
    public async Task AcceptThatFails_IsToldOnceAndTriedAgain(SocketError error)
    {
        var path = _directory.File("other.sock");
        var logger = new RecordingLogger();
        var failures = 0;
        await using var server = new ControlServer(
            path,
            Answers,
            logger,
            accept: (listener, cancellation) => failures++ <= Places ? throw new SocketException((int)error) : listener.AcceptAsync(cancellation));
        Assert.That(await ControlClient.AskAsync(path, "status", default), Does.Contain("\"p1\""));
        Assert.That(logger.Next().Id, Is.EqualTo(4201));
        Assert.That(logger.Count, Is.Zero, "no more");
    }

    [Test]
    public void SocketFile_IsForOwnerAndGroup() => Assert.That(
        File.GetUnixFileMode(Path),
        Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite));

    // Only root can give files away.
    [Test]
    public async Task Group_IsThatOfTheSocketFile()
    {
        Assume.That(Native.Namespaces.ProcessControl.IsRoot, "only root can give files to other groups");
        var path = _directory.File("other.sock");
        await using var server = new ControlServer(path, Answers, NullLogger.Instance, group: "60001");
        using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%g %a", path]) { RedirectStandardOutput = true })!;
        Assert.That((await stat.StandardOutput.ReadToEndAsync()).Trim(), Is.EqualTo("60001 660"));
    }

    [Test]
    public async Task Dispose_EndsWaitingClientsAndRemovesTheFile()
    {
        var path = _directory.File("other.sock");
        var server = Listen(path);
        using var silent = Connect(path);
        await server.DisposeAsync();
        Assert.That(File.Exists(path), Is.False);
        Assert.That(ReadAll(silent), Is.Empty);
        var failure = await Assert.ThrowsAsync<ControlException>(() => ControlClient.AskAsync(path, "status", default));
        Assert.That(failure!.Message, Does.Contain(path));
    }

    [Test]
    public async Task FileOfADeadServer_IsReplaced()
    {
        // A socket takes its file with it when it is closed in order, under the name that it was given.
        var path = _directory.File("other.sock");
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path + ".first"));
            File.Move(path + ".first", path);
        }

        Assert.That(File.Exists(path), Is.True);
        await using var next = Listen(path);
        Assert.That(await ControlClient.AskAsync(path, "status", default), Does.Contain("\"p1\""));
    }

    [Test]
    public async Task FileOfALivingServer_IsLeftToIt()
    {
        Assert.That(Listen, Throws.InstanceOf<SocketException>());
        Assert.That(await ControlClient.AskAsync(Path, "status", default), Does.Contain("\"p1\""));
    }

    [Test]
    public void FileThatIsNoSocket_IsLeft()
    {
        var path = _directory.File("precious.txt");
        File.WriteAllText(path, "data");
        Assert.That(() => Listen(path), Throws.InstanceOf<HostSetupException>().With.Message.StartsWith($"'{path}' is no socket"));
        Assert.That(File.ReadAllText(path), Is.EqualTo("data"));
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task Fifo_IsLeft(CancellationToken deadline)
    {
        var path = Fifo.Make(_directory.File("fifo"));
        var listening = Task.Run(() => Listen(path), deadline).WaitAsync(deadline);
        await Assert.ThrowsAsync<HostSetupException>(() => listening);
        Assert.That(RegularFile.KindOf(path), Is.EqualTo(FileKind.Fifo));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    private static void AssertError(string answer)
    {
        using var json = JsonDocument.Parse(answer);
        Assert.That(json.RootElement.GetProperty("error").GetString(), Does.Contain("status").And.Contain("flows"));
    }

    private static string ReadAll(Socket client)
    {
        var bytes = new List<byte>();
        var buffer = new byte[65536];
        while (client.Receive(buffer, SocketFlags.None, out var error) is > 0 and var count && error == SocketError.Success)
            bytes.AddRange(buffer.AsSpan(0, count));
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static StatusReport Status() => new()
    {
        Name = "p1",
        Mode = NegotiationMode.Implicit,
        Since = DateTimeOffset.UnixEpoch,
        Contexts = new ContextsReport(1, 3, new Dictionary<Reason, long> { [Reason.ServerCapable] = 2 }),
        Flows = new FlowTotals(3, 8, new Dictionary<FlowEnd, long> { [FlowEnd.ClientReset] = 5 }),
        Bypassed = new Dictionary<Reason, long> { [Reason.TcpMd5] = 6 },
        Claims = new Dictionary<Reason, long> { [Reason.Claimed] = 4 },
        Packets = new PacketsReport(9, 0, 0, 1, 0),
    };

    private ControlServer Listen() => Listen(Path);

    private ControlAnswers Answers => new(Status, Flows, Servers, () => new ClearedServersReport(4), () => new UpgradeReport(true, 7), words => new ExplainReport { Error = words }, Trace);

    private ControlServer Listen(string path) => new(path, Answers, NullLogger.Instance);

    /// <summary>Repeats the words behind the verb, until the asker hangs up.</summary>
    private static async Task Trace(Stream stream, string words, CancellationToken cancellation)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"[{words}]\n"), cancellation);
        await stream.CopyToAsync(Stream.Null, cancellation);
    }

    private FlowReport[] Flows()
    {
        if (_flowCount < 0)
            throw new InvalidOperationException("no report");
        var flow = new FlowReport(
            "198.18.1.2:1000", "[2001:db8::9]:80", true, [new SubflowReport("a", "b")], 7, 8, Reason.ServerLegacy, null, default);
        return [.. Enumerable.Repeat(flow, _flowCount)];
    }

    private static KnownServerReport[] Servers() => [new KnownServerReport("[2001:db8::9]:80", ServerCapability.DropsMpCapable, 3, 60)];

    private Socket Connect() => Connect(Path);

    private static Socket Connect(string path)
    {
        var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 8_000 };
        client.Connect(new UnixDomainSocketEndPoint(path));
        return client;
    }

    private string Ask(string request, bool endsThere = false)
    {
        using var client = Connect();
        client.Send(Encoding.UTF8.GetBytes(request));
        if (endsThere)
            client.Shutdown(SocketShutdown.Send);
        return ReadAll(client);
    }
}
