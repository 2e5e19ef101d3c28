using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Middlebox.Appliance.Metrics;

namespace Middlebox.Appliance.Tests.Metrics;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class MetricsServerTests : IAsyncDisposable
{
    private const int Places = 8;

    private readonly List<string> _ailments = [];
    private readonly MetricsServer _server;
    private readonly HttpClient _http = new();

    public MetricsServerTests() => _server = new MetricsServer(
        new IPEndPoint(IPAddress.Loopback, 0), () => "box_flows 3\n", () => _ailments, NullLogger.Instance);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Metrics_AreServedInTheTextFormat()
    {
        using var answer = await _http.GetAsync(Uri("/metrics"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
        Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo("box_flows 3\n"));
    }

    [Test]
    public async Task Health_WithoutAilments_IsOk() => Assert.That(await _http.GetStringAsync(Uri("/healthz")), Is.EqualTo("ok\n"));

    [Test]
    public async Task Health_WithAilments_Is503AndNamesThem()
    {
        _ailments.Add("rules are gone");
        using var answer = await _http.GetAsync(Uri("/healthz"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo("rules are gone\n"));
    }

    [TestCase("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ")]
    [TestCase("POST /metrics HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "HTTP/1.1 405 ")]
    [TestCase("GET /metrics\r\n\r\n", "HTTP/1.1 400 ")]
    [TestCase("\u0000\u0001\r\n\r\n", "HTTP/1.1 400 ")]
    [TestCase("GET /metrics?x=1 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 ")]
    [TestCase("HEAD /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 200 ")]
    public void Request_IsAnsweredByItsLine(string request, string status) => Assert.That(Ask(request), Does.StartWith(status));

    [Test]
    public void Head_HasNoBody() => Assert.That(Ask("HEAD /metrics HTTP/1.1\r\n\r\n"), Does.EndWith("\r\n\r\n"));

    [Test]
    public void RequestWithoutEnd_LongerThanTheLimit_IsAnswered() =>
        Assert.That(Ask("GET /metrics HTTP/1.1\r\nX: " + new string('x', 8192 - 26)), Does.StartWith("HTTP/1.1 200 "));

    [Test]
    public async Task ClientsThatSayNothing_CostTheirPlacesForAWhileOnly()
    {
        var silent = Enumerable.Range(0, Places).Select(_ => Connect()).ToList();
        Assert.That(await _http.GetStringAsync(Uri("/healthz")), Is.EqualTo("ok\n"));
        silent.ForEach(socket => socket.Dispose());
    }

    private Uri Uri(string path) => new($"http://{_server.Endpoint}{path}");

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(_server.Endpoint);
        return socket;
    }

    private string Ask(string request)
    {
        using var socket = Connect();
        socket.Send(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(new NetworkStream(socket));
        return reader.ReadToEnd();
    }
}
