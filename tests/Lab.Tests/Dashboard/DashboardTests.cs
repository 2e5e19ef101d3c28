using System.Net.Sockets;
using Microsoft.Playwright;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Dashboard;

/// <summary>The page in a real browser, with real connections through the box.</summary>
public sealed class DashboardTests : DashboardFixture
{
    [Test]
    public async Task Transfer_IsShown_WithItsRatesAndBothPaths()
    {
        using var connection = await DownloadAsync(7000, 40_000);
        var page = await OpenWithAsync(relayed: 1);
        var row = Row(page, connection);
        await Assertions.Expect(row.Locator(".client")).ToHaveTextAsync(connection.ClientAddress.ToString());
        await Assertions.Expect(row.Locator(".server")).ToHaveTextAsync("198.18.10.2:7000");
        await Assertions.Expect(row.Locator(".paths")).ToHaveTextAsync("2");
        await Assertions.Expect(row.Locator(".reason")).ToHaveTextAsync("server legacy");
        await Assertions.Expect(row.Locator(".down")).ToHaveTextAsync(Megabits());
        await Assertions.Expect(page.Locator("#live")).ToContainTextAsync("live");
        await Assertions.Expect(Chart(page, "Rate by path").Locator("li")).ToHaveCountAsync(2);
        await Assertions.Expect(Chart(page, "Rate by path")).ToContainTextAsync("198.18.1.0/24");
        await Assertions.Expect(Chart(page, "Rate by path")).ToContainTextAsync("198.18.2.0/24");
        await Assertions.Expect(Chart(page, "Rate by direction").Locator("li").First).ToContainTextAsync("Mbit/s");
        await Assertions.Expect(page.Locator("#place text.label").Nth(0)).ToHaveTextAsync("198.18.1.0/24");
        await Assertions.Expect(page.Locator("#facts")).ToContainTextAsync("1 of 8,000 connections");
    }

    [Test]
    public async Task Page_IsLive_WithoutReload_AndAReloadShowsTheHistory()
    {
        var page = await OpenWithAsync(relayed: 0);
        using (await DownloadAsync(7009, 10_000))
        {
            await Assertions.Expect(page.Locator("[data-count=relayed]")).ToHaveTextAsync("1");
            await Assertions.Expect(page.Locator(".rows > .row")).ToHaveCountAsync(1);
        }

        await Assertions.Expect(page.Locator("[data-count=relayed]")).ToHaveTextAsync("0");
        await page.Locator("#filters").GetByText("Ended").ClickAsync();
        await page.GetByLabel("Port").FillAsync("7009");
        await Assertions.Expect(page.Locator(".rows > .row .server")).ToHaveTextAsync("198.18.10.2:7009");
        await page.ReloadAsync();
        await Assertions.Expect(Chart(page, "New connections").Locator("li")).Not.ToHaveCountAsync(0);
        await Assertions.Expect(Chart(page, "New connections")).ToContainTextAsync("adopted");
    }

    [Test]
    public async Task Detail_ShowsBothSubflows_AndWhatWasSeenAndDecided()
    {
        using var connection = await DownloadAsync(7000, 20_000);
        var page = await OpenWithAsync(relayed: 1);
        await Row(page, connection).ClickAsync();
        var detail = page.Locator("#detail");
        await Assertions.Expect(detail).ToBeVisibleAsync();
        await Assertions.Expect(detail.Locator(".leg")).ToHaveCountAsync(3);
        await Assertions.Expect(detail.Locator(".leg").Nth(0)).ToContainTextAsync(connection.ClientAddress.ToString());
        await Assertions.Expect(detail.Locator(".leg").Nth(1)).ToContainTextAsync("198.18.2.2:");
        await Assertions.Expect(detail.Locator(".leg").Nth(0)).ToContainTextAsync("bit/s");
        for (var leg = 0; leg < 2; leg++)
        {
            await Assertions.Expect(Figure(detail, leg, "Backup")).ToHaveTextAsync("no");
            await Assertions.Expect(Figure(detail, leg, "Round trip")).ToHaveTextAsync(Milliseconds());
            await Assertions.Expect(Figure(detail, leg, "Loss")).ToHaveTextAsync(Share());
        }

        await Assertions.Expect(detail.Locator(".leg").Nth(2)).ToContainTextAsync("to the server");
        var events = detail.Locator(".timeline li");
        await Assertions.Expect(events.Nth(0)).ToContainTextAsync("SYN → forward");
        await Assertions.Expect(detail.Locator(".timeline")).ToContainTextAsync("SYN/ACK → act");
        await Assertions.Expect(detail.Locator(".timeline")).ToContainTextAsync("server legacy: the server answered without MPTCP");
        await Assertions.Expect(detail.Locator(".timeline")).ToContainTextAsync("the relay begins: MPTCP to the client, TCP to the server");
        await Assertions.Expect(detail.Locator(".timeline")).ToContainTextAsync("SYN MP_JOIN from 198.18.2.2:");
    }

    [Test]
    public async Task Detail_ShowsWhichSubflowIsABackup()
    {
        await AddSecondAccessAsync("backup");
        try
        {
            using var connection = await DownloadAsync(7000, 20_000);
            var page = await OpenWithAsync(relayed: 1);
            await Row(page, connection).ClickAsync();
            var detail = page.Locator("#detail");
            await Assertions.Expect(Figure(detail, 0, "Backup")).ToHaveTextAsync("no");
            await Assertions.Expect(Figure(detail, 1, "Backup")).ToHaveTextAsync("yes");
        }
        finally
        {
            await AddSecondAccessAsync();
        }
    }

    [Test]
    public async Task Detail_OfAConnectionThatWasLetAlone_TellsWhy()
    {
        using (var connection = await ConnectAsync(AddressFamily.InterNetwork, to: "capable"))
            await connection.GreetAsync(Deadline);
        var page = await OpenWithAsync(relayed: 0);
        await page.Locator("#filters").GetByText("Let alone").ClickAsync();
        var row = page.Locator(".rows > .row", new() { HasText = "198.18.11.2:7000" }).First;
        await Assertions.Expect(row.Locator(".reason")).ToHaveTextAsync("server capable");
        await row.ClickAsync();
        await Assertions.Expect(page.Locator("#detail .timeline")).ToContainTextAsync("the server, or a box nearer to it, speaks MPTCP");
    }

    [Test]
    public async Task Headers_SortTheTable()
    {
        using var slow = await DownloadAsync(7001, 1_000);
        using var fast = await DownloadAsync(7002, 20_000);
        using var idle = await DownloadAsync(7000, 0);
        var page = await OpenWithAsync(relayed: 3);
        await page.GetByRole(AriaRole.Button, new() { Name = "Down" }).ClickAsync();
        await Assertions.Expect(Header(page, "Down")).ToHaveAttributeAsync("aria-sort", "ascending");
        await ExpectOrderAsync(page, "7000", "7001", "7002");
        await page.GetByRole(AriaRole.Button, new() { Name = "Down" }).ClickAsync();
        await Assertions.Expect(Header(page, "Down")).ToHaveAttributeAsync("aria-sort", "descending");
        await ExpectOrderAsync(page, "7002", "7001", "7000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Server" }).ClickAsync();
        await Assertions.Expect(Header(page, "Server")).ToHaveAttributeAsync("aria-sort", "ascending");
        await Assertions.Expect(Header(page, "Down")).ToHaveAttributeAsync("aria-sort", "none");
        await ExpectOrderAsync(page, "7000", "7001", "7002");
    }

    [Test]
    public async Task Filters_NarrowTheTable()
    {
        using var one = await DownloadAsync(7001, 0);
        using var other = await DownloadAsync(7002, 0);
        var page = await OpenWithAsync(relayed: 2);
        var rows = page.Locator(".rows > .row");
        await page.GetByLabel("Port").FillAsync("7001");
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await Assertions.Expect(rows.Locator(".server")).ToHaveTextAsync("198.18.10.2:7001");
        await Assertions.Expect(page.Locator("#count")).ToHaveTextAsync("1 shown");
        await page.GetByLabel("Port").FillAsync("");
        await page.GetByLabel("Address").FillAsync("198.18.10");
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        await page.GetByLabel("Address").FillAsync("203.0.113.9");
        await Assertions.Expect(rows).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator(".table > .empty")).ToHaveTextAsync("Nothing matches.");
        await page.GetByLabel("Address").FillAsync("");
        await page.Locator("#filters").GetByLabel("Reason").SelectOptionAsync("serverLegacy");
        await Assertions.Expect(rows).ToHaveCountAsync(2);
    }

    [Test]
    public async Task Keyboard_IsEnough()
    {
        using var one = await DownloadAsync(7001, 0);
        using var other = await DownloadAsync(7002, 0);
        var page = await OpenWithAsync(relayed: 2);
        await page.GetByRole(AriaRole.Button, new() { Name = "Server" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await ExpectOrderAsync(page, "7001", "7002");
        // Behind the head of the last column comes the one row that is in the order of Tab.
        await page.GetByRole(AriaRole.Button, new() { Name = "Reason" }).FocusAsync();
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(Focused(page)).ToContainTextAsync("198.18.10.2:7001");
        await page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(Focused(page)).ToContainTextAsync("198.18.10.2:7002");
        Assert.That(await Focused(page).EvaluateAsync<string>("row => getComputedStyle(row).outlineStyle"), Is.EqualTo("solid"), "the focus is seen");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#detail")).ToBeFocusedAsync();
        await Assertions.Expect(page.Locator("#detail h3")).ToContainTextAsync("198.18.10.2:7002");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Locator("#detail")).ToBeHiddenAsync();
        await Assertions.Expect(Focused(page)).ToContainTextAsync("198.18.10.2:7002");
    }

    [Test]
    public async Task Narrow_375_NothingIsCutOff()
    {
        using var connection = await DownloadAsync(7000, 150_000);
        var page = await OpenWithAsync(relayed: 1, width: 375, height: 812);
        await Assertions.Expect(Row(page, connection).Locator(".down")).ToHaveTextAsync(Megabits());
        await ExpectNoOverflowAsync(page);
        await page.WaitForFunctionAsync("() => document.querySelector('.chart .area').getAttribute('d').split('L').length > 16");
        await KeepPictureAsync(page, "375");
        await Row(page, connection).ClickAsync();
        await Assertions.Expect(page.Locator("#detail .leg")).ToHaveCountAsync(3);
        await ExpectNoOverflowAsync(page);
        await KeepPictureAsync(page, "375-detail");
    }

    [TestCase(ColorScheme.Light, "rgb(244, 245, 247)")]
    [TestCase(ColorScheme.Dark, "rgb(14, 18, 22)")]
    public async Task Scheme_IsFollowed(ColorScheme scheme, string background)
    {
        using var first = await DownloadAsync(7001, 4_000);
        using var second = await DownloadAsync(7002, 150_000);
        using var third = await DownloadAsync(7003, 0);
        using (var capable = await ConnectAsync(AddressFamily.InterNetwork, to: "capable"))
            await capable.GreetAsync(Deadline);
        var page = await OpenWithAsync(relayed: 3, height: 1000, scheme: scheme);
        Assert.That(await page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor"), Is.EqualTo(background));
        await ExpectNoOverflowAsync(page);
        await Row(page, second).ClickAsync();
        await Assertions.Expect(page.Locator("#detail .leg")).ToHaveCountAsync(3);
        await page.WaitForFunctionAsync("() => document.querySelector('.chart .area').getAttribute('d').split('L').length > 16");
        await KeepPictureAsync(page, $"{scheme}".ToLowerInvariant());
    }

    [Test]
    public async Task BoxThatStops_IsSaid()
    {
        var page = await OpenWithAsync(relayed: 0);
        // An answer that is an error in the box, so that the browser has none of its own to complain of.
        await page.RouteAsync("**/api/**", route => route.FulfillAsync(new RouteFulfillOptions { Status = 200, Body = "no JSON" }));
        await Assertions.Expect(page.Locator("#live")).ToContainTextAsync("no answer since");
        await page.UnrouteAllAsync();
        await Assertions.Expect(page.Locator("#live")).ToContainTextAsync("live");
    }

    private async Task AddSecondAccessAsync(params string[] flags)
    {
        (await Client.RunAsync("ip", "mptcp", "endpoint", "flush")).RequireSuccess();
        (await Client.RunAsync("ip", ["mptcp", "endpoint", "add", "198.18.2.2", "dev", "lte", "subflow", .. flags])).RequireSuccess();
    }

    private static ILocator Chart(IPage page, string title) => page.Locator(".chart", new() { HasText = title });

    // Told by the client's port: the page may still show the connection of the test before for a second.
    private static ILocator Row(IPage page, Connection connection) =>
        page.Locator(".rows > .row", new() { HasText = connection.ClientAddress.ToString() });

    private static ILocator Header(IPage page, string title) => page.GetByRole(AriaRole.Columnheader, new() { Name = title });

    private static ILocator Focused(IPage page) => page.Locator(".rows > .row:focus");

    private static ILocator Figure(ILocator detail, int leg, string name) => detail.Locator(".leg").Nth(leg).Locator($"dt:text-is('{name}') + dd");

    private static async Task ExpectOrderAsync(IPage page, params string[] ports) => await page.WaitForFunctionAsync(
        """
        ports => {
          const rows = [...document.querySelectorAll('.rows > .row')].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex);
          return rows.map(row => row.querySelector('.server').textContent.split(':').at(-1)).join() === ports;
        }
        """,
        string.Join(',', ports));

    private static async Task ExpectNoOverflowAsync(IPage page) => Assert.That(
        await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('body *')]
              .filter(e => { const box = e.getBoundingClientRect(); return box.width > 0 && (box.right > innerWidth + 0.5 || box.left < -0.5); })
              .map(e => `${e.tagName}.${e.getAttribute('class')}`)
              .concat(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [])
            """),
        Is.Empty);

    private static System.Text.RegularExpressions.Regex Megabits() => new(@"^[0-9.]+ M$");

    private static System.Text.RegularExpressions.Regex Milliseconds() => new(@"^[0-9.]+ ms$");

    private static System.Text.RegularExpressions.Regex Share() => new(@"^[0-9.]+ %$");
}
