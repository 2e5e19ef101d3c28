using System.Net.Sockets;
using Microsoft.Playwright;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Dashboard;

/// <summary>
/// A box that serves, and Debian's Chromium in the box's network namespace, which looks at the box's own dashboard. Each test has a browser context of its
/// own; what the page asks for elsewhere is noted and fails the test, and so does an error in it.
/// </summary>
// A browser draws without a graphics card here: beside it, what other fixtures measure would not be worth much, nor would this.
[NonParallelizable]
public abstract class DashboardFixture() : ServingLabFixture("one-proxy")
{
    private const string Program = "/usr/bin/chromium";

    private readonly List<string> _faults = [];
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IBrowserContext? _context;

    /// <summary>Where the dashboard is.</summary>
    protected virtual string Address => "127.0.0.1:9465";

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(90);

    // So slow that a page can be looked at while something moves, and not so slow that it would be waited for.
    protected override LabOptions Options => new()
    {
        Rates = new Dictionary<string, LinkRate> { ["wifi"] = new(40_000_000), ["lte"] = new(25_000_000) },
    };

    [OneTimeSetUp]
    public async Task StartBrowser()
    {
        if (LabRequirements.Missing().Count > 0)
            return;
        Assert.That(File.Exists(Program), Is.True, $"{Program} is missing: apt-get install chromium");
        Directory.CreateDirectory(Box.RuntimeDirectory);
        var launcher = Path.Combine(Box.RuntimeDirectory, "chromium");
        await File.WriteAllTextAsync(launcher, $"#!/bin/sh\nexec ip netns exec {Box.NamespaceName} {Program} \"$@\"\n");
        File.SetUnixFileMode(launcher, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = launcher,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync",
            ],
        });
    }

    [OneTimeTearDown]
    public async Task StopBrowser()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    [TearDown]
    public async Task ClosePage()
    {
        if (_context is not null)
            await _context.DisposeAsync();
        _context = null;
        Assert.That(_faults, Is.Empty);
    }

    /// <summary>Opens the page.</summary>
    /// <param name="width">Of the window, in CSS pixels.</param>
    /// <param name="height">Likewise.</param>
    /// <param name="scheme">Light or dark.</param>
    /// <param name="prepare">Done before the page is loaded.</param>
    protected async Task<IPage> OpenAsync(
        int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light, Func<IPage, Task>? prepare = null)
    {
        _faults.Clear();
        _context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
        });
        _context.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        var page = await _context.NewPageAsync();
        page.Request += (_, request) => Note(!request.Url.StartsWith($"http://{Address}/", StringComparison.Ordinal), $"asked elsewhere: {request.Url}");
        page.PageError += (_, error) => Note(true, $"error in the page: {error}");
        page.Console += (_, message) => Note(message.Type == "error" && !message.Text.Contains("401", StringComparison.Ordinal), $"console: {message.Text}");
        if (prepare is not null)
            await prepare(page);
        await page.GotoAsync($"http://{Address}/");
        return page;
    }

    /// <summary>Opens the page and waits until it shows so many connections relayed.</summary>
    protected async Task<IPage> OpenWithAsync(int relayed, int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await OpenAsync(width, height, scheme);
        await Assertions.Expect(page.Locator("[data-count=relayed]")).ToHaveTextAsync($"{relayed}");
        await Assertions.Expect(page.Locator(".rows > .row")).ToHaveCountAsync(relayed);
        return page;
    }

    /// <summary>Keeps a picture of the page with the results of the tests.</summary>
    protected static async Task KeepPictureAsync(IPage page, string name, bool isWhole = true)
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"dashboard-{name}.png");
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = path, FullPage = isWhole });
        TestContext.AddTestAttachment(path);
    }

    /// <summary>A connection over both accesses, on which the server sends without end, at this pace.</summary>
    /// <param name="port">The server's port.</param>
    /// <param name="bytesPerTurn">Sent every 20 ms; 0 for nothing.</param>
    protected async Task<Connection> DownloadAsync(int port, int bytesPerTurn)
    {
        var connection = await ConnectAsync(AddressFamily.InterNetwork, port: port);
        await connection.GreetAsync(Deadline);
        _ = ByteStream.ReceiveAsync(connection.Client, Deadline).ContinueWith(static _ => { }, TaskScheduler.Default);
        _ = SendAsync(connection.Server, bytesPerTurn, Deadline);
        return connection;
    }

    private static async Task SendAsync(Socket socket, int bytesPerTurn, CancellationToken cancellation)
    {
        if (bytesPerTurn == 0)
            return;
        try
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            var bytes = new byte[bytesPerTurn];
            while (await pace.WaitForNextTickAsync(cancellation))
                await socket.SendAsync(bytes, cancellation);
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test has closed the connection.
        }
    }

    private void Note(bool isFault, string what)
    {
        if (!isFault)
            return;
        lock (_faults)
            _faults.Add(what);
    }
}
