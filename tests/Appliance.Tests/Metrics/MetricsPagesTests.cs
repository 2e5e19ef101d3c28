using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Middlebox.Appliance.Http;
using Middlebox.Appliance.Metrics;

namespace Middlebox.Appliance.Tests.Metrics;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class MetricsPagesTests : IAsyncDisposable
{
    private readonly List<string> _ailments = [];
    private readonly HttpServer _server;
    private readonly HttpClient _http = new();

    public MetricsPagesTests() => _server = new HttpServer(
        new IPEndPoint(IPAddress.Loopback, 0),
        MetricsPages.Limits,
        new MetricsPages(() => "box_flows 3\n", () => _ailments).Answer,
        NullLogger.Instance);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Metrics_AreServedInTheTextFormat()
    {
        using var answer = await _http.GetAsync(Uri("/metrics?x=1"));
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

    [Test]
    public async Task AnotherPath_IsNotFound()
    {
        using var answer = await _http.GetAsync(Uri("/"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private Uri Uri(string path) => new($"http://{_server.Endpoint}{path}");
}
