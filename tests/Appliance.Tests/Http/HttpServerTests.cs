using System.Net;
using System.Net.Sockets;
using System.Text;
using Middlebox.Appliance.Http;

namespace Middlebox.Appliance.Tests.Http;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class HttpServerTests : IAsyncDisposable
{
    private const int Places = 4;

    private readonly RecordingLogger _logger = new();
    private readonly HttpServer _server;

    public HttpServerTests() => _server = new HttpServer(
        new IPEndPoint(IPAddress.Loopback, 0),
        new HttpServerLimits(Places, TimeSpan.FromSeconds(0.5)),
        request => request.Path == "/fault"
            ? throw new InvalidOperationException("a secret of the inside")
            : HttpAnswer.Text("200 OK", $"{request.Path}|{request.Query.GetValueOrDefault("a")}|{request.Fields.GetValueOrDefault("x")}"),
        _logger);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [TestCase("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "HTTP/1.1 405 ")]
    [TestCase("DELETE / HTTP/1.1\r\n\r\n", "HTTP/1.1 405 ")]
    [TestCase("GET /\r\n\r\n", "HTTP/1.1 400 ")]
    [TestCase("GET http://x/ HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ")]
    [TestCase("GET / HTTP/2\r\n\r\n", "HTTP/1.1 400 ")]
    [TestCase("\u0000\u0001\r\n\r\n", "HTTP/1.1 400 ")]
    [TestCase("GET / HTTP/1.1\r\nno field\r\n\r\n", "HTTP/1.1 400 ")]
    [TestCase("GET / HTTP/1.1\r\nHost : x\r\n\r\n", "HTTP/1.1 400 ")]
    [TestCase("GET / HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n", "HTTP/1.1 400 ")]
    [TestCase("HEAD / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 ")]
    public void Request_IsAnsweredByItsHead(string request, string status) => Assert.That(Ask(request), Does.StartWith(status));

    // Else a box in the place of which another one was started would answer every other question about it.
    [Test]
    public void Port_ThatAnotherServerHas_IsRefused()
    {
        var refused = Assert.Throws<SocketException>(() => _ = new HttpServer(
            _server.Endpoint, new HttpServerLimits(Places, TimeSpan.FromSeconds(0.5)), _ => HttpAnswer.Text("200 OK", ""), _logger));
        Assert.That(refused!.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
    }

    [Test]
    public void Request_IsTakenApart() =>
        Assert.That(Ask("GET /p%20q?a=1%262&a=3&b HTTP/1.1\r\nX:  y z \r\n\r\n"), Does.EndWith("\r\n\r\n/p%20q|1&2|y z"));

    [Test]
    public void Head_HasTheLengthAndNoBody() =>
        Assert.That(Ask("HEAD /ab HTTP/1.1\r\n\r\n"), Does.Contain("Content-Length: 5\r\n").And.EndWith("\r\n\r\n"));

    [Test]
    public void RequestLine_LongerThanTheLimit_IsRefused() =>
        Assert.That(Ask("GET /" + new string('x', HttpServer.MaximumLineLength)), Does.StartWith("HTTP/1.1 414 "));

    [Test]
    public void Fields_LongerThanTheLimit_AreRefused() => Assert.That(
        Ask("GET / HTTP/1.1\r\nX: " + new string('x', HttpServer.MaximumHeadLength)), Does.StartWith("HTTP/1.1 431 "));

    [Test]
    public void Request_CutOff_IsRefused() => Assert.That(Ask("GET / HTTP/1.1\r\n", isAll: true), Does.StartWith("HTTP/1.1 400 "));

    // Readers that take a lone CR or LF for the end of a line would see other fields.
    [TestCase("GET / HTTP/1.1\r\nHost: a\n: b\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\nHo st: a\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\nHost: a\0\r\n\r\n")]
    [TestCase("G\tT / HTTP/1.1\r\n\r\n")]
    [TestCase("GET /\u007F HTTP/1.1\r\n\r\n")]
    [TestCase("GET / HTTP/1.x\r\n\r\n")]
    public void LettersThatHttpDoesNotHave_AreRefused(string request) => Assert.That(Ask(request), Does.StartWith("HTTP/1.1 400 "));

    [Test]
    public void Fault_IsLogged_AndKeptFromTheClient()
    {
        Assert.That(Ask("GET /fault HTTP/1.1\r\n\r\n"), Does.StartWith("HTTP/1.1 500 ").And.Not.Contains("secret"));
        Assert.That(_logger.Next().Text, Does.Contain("/fault"));
    }

    [Test]
    public void SlowClients_LoseTheirPlaces()
    {
        var slow = Enumerable.Range(0, Places).Select(_ => Connect()).ToList();
        slow.ForEach(socket => socket.Send("GET "u8));
        Assert.That(Ask("GET /x HTTP/1.1\r\n\r\n"), Does.StartWith("HTTP/1.1 200 "));
        slow.ForEach(socket => Assert.That(socket.Receive(new byte[1]), Is.Zero, "hung up without an answer"));
        slow.ForEach(socket => socket.Dispose());
    }

    // Each byte comes in time, and the request never.
    [Test]
    public async Task DrippingClients_LoseTheirPlaces()
    {
        var dripping = Enumerable.Range(0, Places).Select(_ => Connect()).ToList();
        using var answered = new CancellationTokenSource();
        var drops = Task.Run(async () =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (!answered.IsCancellationRequested && await timer.WaitForNextTickAsync())
                dripping.ForEach(client => client.Send("x"u8, SocketFlags.None, out _));
        });
        Assert.That(Ask("GET /x HTTP/1.1\r\n\r\n"), Does.StartWith("HTTP/1.1 200 "));
        await answered.CancelAsync();
        await drops;
        dripping.ForEach(client => client.Dispose());
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
        socket.Connect(_server.Endpoint);
        return socket;
    }

    private string Ask(string request, bool isAll = false)
    {
        using var socket = Connect();
        using var reader = new StreamReader(new NetworkStream(socket));
        socket.Send(Encoding.ASCII.GetBytes(request));
        if (isAll)
            socket.Shutdown(SocketShutdown.Send);
        return reader.ReadToEnd();
    }
}
