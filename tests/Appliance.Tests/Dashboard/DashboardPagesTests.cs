using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Middlebox.Appliance.Dashboard;
using Middlebox.Appliance.Explain;
using Middlebox.Appliance.Http;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Tests.Dashboard;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed partial class DashboardPagesTests
{
    private const string Token = "0123456789abcdef";

    private readonly List<FlowKey> _asked = [];
    private readonly List<string> _explained = [];
    private int _looks;

    [Test]
    public void Page_IsServed_AndRefersToFilesThatAreThere()
    {
        var page = Text(Get("/"));
        var named = Reference().Matches(page).Select(match => "/" + match.Groups["file"].Value).ToList();
        Assert.That(named, Has.Count.EqualTo(3));
        Assert.That(named, Is.SubsetOf(PageFiles.Paths));
        foreach (var module in PageFiles.Paths.Where(path => path.EndsWith(".js", StringComparison.Ordinal)))
            Assert.That(Import().Matches(Text(Get(module))).Select(match => "/" + match.Groups["file"].Value), Is.SubsetOf(PageFiles.Paths), module);
    }

    // What the policy would keep a browser from doing, and what it cannot: a text from the wire that is read as markup.
    [Test]
    public void Page_NamesNothingElsewhere_AndReadsNoTextAsMarkup()
    {
        foreach (var path in PageFiles.Paths)
            Assert.That(Forbidden().Matches(Text(Get(path)).Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal)), Is.Empty, path);
    }

    [TestCase("/")]
    [TestCase("/style.css")]
    [TestCase("/api/overview")]
    [TestCase("/nothing")]
    public void EveryAnswer_ProtectsThePage(string path)
    {
        var fields = Get(path).Fields;
        Assert.That(fields, Does.Contain("Content-Security-Policy: default-src 'self';"));
        Assert.That(fields, Does.Contain("frame-ancestors 'none'"));
        Assert.That(fields, Does.Contain("X-Content-Type-Options: nosniff\r\n"));
        Assert.That(fields, Does.Contain("Cache-Control: no-store\r\n"));
    }

    [TestCase("evil.example:9465")]
    [TestCase(null)]
    public void AnotherHost_GetsNothing(string? host)
    {
        Assert.That(Get("/", host: host).Status, Does.StartWith("421 "));
        Assert.That(Get("/api/overview", host: host).Status, Does.StartWith("421 "));
        Assert.That(_looks, Is.Zero);
    }

    [TestCase(null, "401 ")]
    [TestCase("Bearer", "401 ")]
    [TestCase("Bearer 0123456789abcdeF", "401 ")]
    [TestCase("Bearer 0123456789abcdef0", "401 ")]
    [TestCase("Basic 0123456789abcdef", "401 ")]
    [TestCase("Bearer 0123456789abcdef", "200 ")]
    [TestCase("bearer 0123456789abcdef", "200 ")]
    public void Token_IsAskedFor(string? authorization, string status)
    {
        var answer = Get("/api/overview", token: Token, authorization: authorization);
        Assert.That(answer.Status, Does.StartWith(status));
        Assert.That(_looks, Is.EqualTo(status == "200 " ? 1 : 0));
        Assert.That(Get("/", token: Token).Status, Does.StartWith("200 "), "the page itself tells nothing of the box");
    }

    [Test]
    public void Overview_IsAnsweredInTheAgreedForm()
    {
        var answer = JsonElement.Parse(Text(Get("/api/overview", new() { ["after"] = "7" })));
        Assert.That(answer.GetProperty("name").GetString(), Is.EqualTo("p1"));
        Assert.That(answer.GetProperty("mode").GetString(), Is.EqualTo("implicit"));
        var sample = answer.GetProperty("samples")[0];
        Assert.That(sample.GetProperty("number").GetInt64(), Is.EqualTo(8));
        Assert.That(sample.GetProperty("decided").GetProperty("serverCapable").GetInt64(), Is.EqualTo(2));
        Assert.That(sample.GetProperty("paths").GetProperty("198.18.1.0/24").GetProperty("down").GetDouble(), Is.EqualTo(5));
    }

    [Test]
    public void Connections_AreAnsweredInTheAgreedForm_AndCompressedForThoseWhoReadIt()
    {
        var answer = Get("/api/connections", encoding: "br, gzip");
        Assert.That(answer.Fields, Does.Contain("Content-Encoding: gzip"));
        using var plain = new StreamReader(new GZipStream(new MemoryStream(answer.Body.ToArray()), CompressionMode.Decompress));
        var row = JsonElement.Parse(plain.ReadToEnd()).GetProperty("rows")[3];
        Assert.That(row.GetProperty("client").GetString(), Is.EqualTo("198.18.1.2:3"));
        Assert.That(row.GetProperty("state").GetString(), Is.EqualTo("relayed"));
        Assert.That(row.TryGetProperty("seconds", out _), Is.False);
        Assert.That(Get("/api/connections").Fields, Does.Not.Contain("Content-Encoding"));
    }

    [Test]
    public void Connection_IsNamedByItsEnds()
    {
        Dictionary<string, string> ends = new() { ["client"] = "198.18.1.2:1000", ["server"] = "[2001:db8::9]:443" };
        Assert.That(Get("/api/connection", ends).Status, Does.StartWith("200 "));
        Assert.That(_asked, Is.EqualTo(new[] { new FlowKey(HostEndpoint.Parse("198.18.1.2:1000"), HostEndpoint.Parse("[2001:db8::9]:443")) }));
        Assert.That(Get("/api/findings", ends).Status, Does.StartWith("200 "));
        Assert.That(_explained, Is.EqualTo(new[] { "198.18.1.2:1000 [2001:db8::9]:443" }));
        Assert.That(Get("/api/connection", new() { ["client"] = "198.18.1.2" }).Status, Does.StartWith("400 "));
    }

    [Test]
    public void Reasons_AllHaveASentence() =>
        Assert.That(JsonElement.Parse(Text(Get("/api/reasons"))).GetProperty("serverLegacy").GetString(), Does.StartWith("the server answered without"));

    [TestCase("/nothing")]
    [TestCase("/api/nothing")]
    [TestCase("/../middlebox.json")]
    public void AnotherPath_IsNotFound(string path) => Assert.That(Get(path).Status, Does.StartWith("404 "));

    private HttpAnswer Get(
        string path,
        Dictionary<string, string>? query = null,
        string? token = null,
        string? authorization = null,
        string? host = "127.0.0.1:9465",
        string? encoding = null)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in new[] { ("Host", host), ("Authorization", authorization), ("Accept-Encoding", encoding) })
        {
            if (value is not null)
                fields.Add(name, value);
        }

        return new DashboardPages(Answers(), token, () => _looks++).Answer(new HttpRequest("GET", path, query ?? [], fields));
    }

    private DashboardAnswers Answers() => new(
        after => new OverviewReport(
            "p1", "1.0", NegotiationMode.Implicit, 1, 2, 3, 4, 5, 6, 7, [], [],
            [
                new RateSample(
                    after + 1, 1, 2, 3, 4, 5,
                    new Dictionary<Negotiation.Reason, long> { [Negotiation.Reason.ServerCapable] = 2 },
                    new Dictionary<string, PathRate> { ["198.18.1.0/24"] = new(4, 5) }),
            ]),
        () => new ConnectionTableReport(
            1, 50,
            [
                .. Enumerable.Range(0, 50).Select(port => new ConnectionRow(
                    $"198.18.1.2:{port}", "198.18.10.2:80", ConnectionState.Relayed, "serverLegacy", 2, true, 1, 2, 3, 4, 5, null)),
            ]),
        connection =>
        {
            _asked.Add(connection);
            return new ConnectionDetailReport("a", "b", false, null, [], null, []);
        },
        query =>
        {
            _explained.Add(query);
            return [new FindingReport(Cause.NothingSeen, 1, null, "detail", "advice")];
        });

    private static string Text(HttpAnswer answer) => Encoding.UTF8.GetString(answer.Body.Span);

    [GeneratedRegex("(?:href|src)=\"(?<file>[^\"]+)\"")]
    private static partial Regex Reference();

    [GeneratedRegex(@"from '\./(?<file>[^']+)'")]
    private static partial Regex Import();

    [GeneratedRegex(@"https?://|\binnerHTML\b|\bouterHTML\b|insertAdjacentHTML|document\.write|\beval\(|@import|url\(")]
    private static partial Regex Forbidden();
}
