using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>A converter that wants cookies gives each address its own, and serves nobody without (RFC 8803 section 6.2.7).</summary>
public sealed class CookieTests : ConverterFixture
{
    private const AddressFamily Family = AddressFamily.InterNetwork;

    protected override Dictionary<string, string> Settings => new() { ["Middlebox:Converter:RequireCookie"] = "true" };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Client_without_a_cookie_is_told_its_own_and_served_with_it(AddressFamily family)
    {
        var port = NewPort();
        var cookie = await CookieAsync(family, port);
        using var listener = Connection.Listen(Lab, family, "legacy", port);
        using var client = Open(family, With(cookie, family, port));
        Assert.That(ConvertOctets.Find(await ReceiveMessageAsync(client), ConvertOctets.Extended), Is.Not.Empty);
    }

    [Test]
    public async Task Changed_cookie_is_not_authorized()
    {
        var cookie = await CookieAsync(Family, 80);
        cookie[0] ^= 1;
        Assert.That(ConvertOctets.Find(await AskAsync(Family, With(cookie, Family, 80)), ConvertOctets.Error), Is.EqualTo(new byte[] { 0x1E, 1, 32, 0 }));
    }

    [Test]
    public async Task Cookie_of_another_address_is_not_authorized()
    {
        var cookie = await CookieAsync(Family, 80);
        using var client = Open(Family, With(cookie, Family, 80), from: Lab.AddressOf("client", Family, "lte"));
        Assert.That(ConvertOctets.Find(await ReceiveMessageAsync(client), ConvertOctets.Error), Is.EqualTo(new byte[] { 0x1E, 1, 32, 0 }));
    }

    [Test]
    public async Task Client_that_only_asks_needs_a_cookie_too()
    {
        var error = ConvertOctets.Find(await AskAsync(Family, ConvertOctets.Message(ConvertOctets.Info)), ConvertOctets.Error);
        Assert.That(error[2], Is.EqualTo(3));
    }

    [Test]
    public async Task Connect_verb_takes_the_cookie_and_asks_again()
    {
        var run = await ConnectVerb.RunAsync(
            Client, "GET /whoami HTTP/1.0\r\n\r\n", ["198.18.10.2", "80", "--via", $"{Converter(Family)}"], Deadline);
        Assert.That(run.RequireSuccess(), Does.Contain("198.18.10.2 80"));
    }

    /// <summary>Figure 22 in an Error TLV: a zero octet behind the code, then the cookie.</summary>
    private async Task<byte[]> CookieAsync(AddressFamily family, int port)
    {
        var error = ConvertOctets.Find(await AskAsync(family, MessageFor(family, "legacy", port)), ConvertOctets.Error);
        Assert.That(error[2..4], Is.EqualTo(new byte[] { 3, 0 }));
        Assert.That(error, Has.Length.EqualTo(20));
        return error[4..];
    }

    private byte[] With(byte[] cookie, AddressFamily family, int port) => ConvertOctets.Message(
        ConvertOctets.ConnectTlv(Lab.AddressOf("legacy", family), port), ConvertOctets.Cookie(cookie));
}
