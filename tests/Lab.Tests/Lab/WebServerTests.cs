using System.Security.Cryptography;

namespace Middlebox.Lab.Tests.Lab;

public sealed class WebServerTests : LabFixture
{
    private static readonly string[] Urls =
        ["http://198.18.10.2", "http://[2001:db8:10::2]", "http://198.18.11.2", "http://[2001:db8:11::2]"];

    [Test]
    public async Task The_server_tells_the_client_s_address()
    {
        var lab = await UpAsync("one-proxy");
        foreach (var url in Urls)
        {
            var words = (await lab["client"].RunAsync("curl", "-sSg", $"{url}/whoami")).RequireSuccess().Split(' ');
            Assert.That(words[0], Is.EqualTo(url.Contains('[') ? "2001:db8:1::2" : "198.18.1.2"));
            Assert.That(url, Does.Contain(words[2]));
        }
    }

    [Test]
    public async Task A_masquerading_box_hides_the_client_s_address()
    {
        var lab = await UpAsync("masquerade");
        foreach (var (url, address) in new[] { (Urls[0], "198.18.10.1"), (Urls[1], "2001:db8:10::1") })
        {
            var answer = (await lab["client"].RunAsync("curl", "-sSg", $"{url}/whoami")).RequireSuccess();
            Assert.That(answer, Does.StartWith(address + " "));
        }
    }

    [Test]
    public async Task Downloads_and_uploads_arrive_as_they_were_sent()
    {
        var lab = await UpAsync("one-proxy");
        var content = Path.Combine(lab.ContentDirectory, "100m");
        var expected = Hash(content);
        foreach (var (host, url) in new[] { ("legacy", Urls[0]), ("capable", Urls[3]) })
        {
            var received = Path.Combine(lab["client"].RuntimeDirectory, "received");
            Directory.CreateDirectory(lab["client"].RuntimeDirectory);
            (await lab["client"].RunAsync("curl", "-sSgf", "-o", received, $"{url}/bytes/100m")).RequireSuccess();
            (await lab["client"].RunAsync("curl", "-sSgf", "-T", content, $"{url}/upload/sent")).RequireSuccess();

            Assert.That(Hash(received), Is.EqualTo(expected));
            Assert.That(Hash(Path.Combine(lab[host].UploadDirectory, "sent")), Is.EqualTo(expected));
        }
    }

    private static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }
}
