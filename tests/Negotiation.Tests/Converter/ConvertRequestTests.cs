using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;

namespace Middlebox.Negotiation.Tests.Converter;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ConvertRequestTests
{
    [Test]
    public void BaseConnect_Figure18_NamesTheIpv4Server()
    {
        Assert.That(ConvertRequest.Read(ConvertMessages.Of(ConvertMessages.BaseConnect), out var request), Is.EqualTo(ConvertRefusal.None));
        Assert.That(request.Server, Is.EqualTo(HostEndpoint.Parse("198.51.100.7:443")));
        Assert.That(request.TcpOptions.IsEmpty, Is.True);
        Assert.That((request.AsksForExtensions, request.HasCookie), Is.EqualTo((false, false)));
    }

    [Test]
    public void ExtendedConnect_Figure19_NamesTheIpv6ServerAndTheOptions()
    {
        Assert.That(ConvertRequest.Read(ConvertMessages.Of(ConvertMessages.ExtendedConnect), out var request), Is.EqualTo(ConvertRefusal.None));
        Assert.That(request.Server, Is.EqualTo(HostEndpoint.Parse("[2001:db8::9]:80")));
        Assert.That(request.TcpOptions.ToArray(), Is.EqualTo(new byte[] { 30, 2, 4, 2 }));
    }

    [Test]
    public void Info_Figure16_Asks()
    {
        Assert.That(ConvertRequest.Read(ConvertMessages.Of(ConvertMessages.Info), out var request), Is.EqualTo(ConvertRefusal.None));
        Assert.That((request.AsksForExtensions, request.Server), Is.EqualTo((true, (HostEndpoint?)null)));
    }

    [Test]
    public void Cookie_Figure22_BesideOthersInAnyOrder_IsRead()
    {
        var message = ConvertMessages.Of(ConvertMessages.Cookie, ConvertMessages.Info, ConvertMessages.BaseConnect);
        Assert.That(ConvertRequest.Read(message, out var request), Is.EqualTo(ConvertRefusal.None));
        Assert.That(request.HasCookie, Is.True);
        Assert.That(request.Cookie.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }));
        Assert.That(request.AsksForExtensions && request.Server is not null, Is.True);
    }

    private static IEnumerable<TestCaseData> Faults()
    {
        var connect = ConvertMessages.BaseConnect;
        yield return Fault("NoTlv", ConvertRefusal.MalformedMessage);
        yield return Fault("OnlyACookie", ConvertRefusal.MalformedMessage, ConvertMessages.Cookie);
        yield return Fault("TlvOfLengthZero", ConvertRefusal.MalformedMessage, [0x0A, 0, 0, 0]);
        yield return Fault("TlvBeyondTheMessage", ConvertRefusal.MalformedMessage, [.. connect[..1], 6, .. connect[2..]]);
        yield return Fault("ConnectCutByItsOwnLength", ConvertRefusal.MalformedMessage, [0x0A, 4, .. connect[2..16]]);
        yield return Fault("InfoTooLong", ConvertRefusal.MalformedMessage, [0x01, 2, 0, 0, 0, 0, 0, 0]);
        yield return Fault("GoodConnectThenBrokenTlv", ConvertRefusal.MalformedMessage, connect, [0x16, 2, 0, 0]);
        yield return Fault("ConnectTwice", ConvertRefusal.DuplicateTlv, connect, connect);
        yield return Fault("InfoTwice", ConvertRefusal.DuplicateTlv, ConvertMessages.Info, ConvertMessages.Info);
        yield return Fault("CookieTwice", ConvertRefusal.DuplicateTlv, ConvertMessages.Cookie, connect, ConvertMessages.Cookie);
        yield return Fault("TypeZero", ConvertRefusal.UnsupportedMessage, connect, [0x00, 1, 0, 0]);
        yield return Fault("UnknownType", ConvertRefusal.UnsupportedMessage, connect, [0xC8, 1, 0, 0]);
        yield return Fault("WhatOnlyConvertersSend", ConvertRefusal.UnsupportedMessage, [0x15, 2, 0, 0, 30, 0, 0, 0]);
        yield return Fault("ExtendedTcpHeaderFromAClient", ConvertRefusal.UnsupportedMessage, [0x14, 1, 0, 0], connect);
        yield return Fault("Error", ConvertRefusal.ErrorFromClient, [0x1E, 1, 0, 1]);
    }

    [TestCaseSource(nameof(Faults))]
    public void Read(byte[] message, ConvertRefusal expected) =>
        Assert.That(ConvertRequest.Read(message, out _), Is.EqualTo(expected));

    private static TestCaseData Fault(string name, ConvertRefusal expected, params byte[][] tlvs) =>
        new TestCaseData(ConvertMessages.Of(tlvs), expected).SetArgDisplayNames(name, expected.ToString());

    [Test]
    [NonParallelizable]
    public void Reading_AllocatesNothing()
    {
        var message = ConvertMessages.Of(ConvertMessages.Cookie, ConvertMessages.ExtendedConnect);
        ConvertRequest.Read(message, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
            ConvertRequest.Read(message, out _);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}
