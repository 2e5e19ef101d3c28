using Microsoft.Playwright;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Dashboard;

/// <summary>A dashboard at an address that others reach asks for its token before it tells anything.</summary>
public sealed class TokenTests : DashboardFixture
{
    private const string Token = "correct-horse-battery-staple";

    private readonly string _directory = Directory.CreateTempSubdirectory("mbx-").FullName;

    protected override string Address => "198.18.10.1:9465";

    protected override Topology Adapt(Topology shipped)
    {
        var file = Path.Combine(_directory, "token");
        File.WriteAllText(file, Token + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var settings = new Dictionary<string, string> { ["Middlebox:Dashboard:Endpoint"] = Address, ["Middlebox:Dashboard:TokenFile"] = file };
        return shipped with { Boxes = [.. shipped.Boxes.Select(box => box.WithSettings(settings))] };
    }

    [OneTimeTearDown]
    public void RemoveToken() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task Token_IsAskedFor_RefusedIfWrong_AndKeptForTheTab()
    {
        var page = await OpenAsync();
        var field = page.GetByLabel("This box asks for its token");
        await Assertions.Expect(field).ToBeFocusedAsync();
        await Assertions.Expect(page.Locator("#facts")).ToBeEmptyAsync();
        await field.FillAsync("guessed");
        await field.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#token-problem")).ToHaveTextAsync("That is not the token.");
        await field.FillAsync(Token);
        await field.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#live")).ToContainTextAsync("live");
        await Assertions.Expect(field).ToBeHiddenAsync();
        await Assertions.Expect(page.Locator("#name")).ToHaveTextAsync("box");
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#live")).ToContainTextAsync("live");
        Assert.That(page.Url, Does.Not.Contain(Token));
    }

    [Test]
    public async Task AnotherName_ForTheSameAddress_GetsNothing()
    {
        var answer = (await Box.RunAsync(
            ["curl", "-s", "-w", "%{http_code}", "-H", $"Authorization: Bearer {Token}", "-H", "Host: evil.example:9465", $"http://{Address}/api/overview"],
            null,
            Deadline)).RequireSuccess();
        Assert.That(answer, Does.EndWith("421"));
    }
}
