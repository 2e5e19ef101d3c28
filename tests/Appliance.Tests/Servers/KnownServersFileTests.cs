using Middlebox.Appliance.Servers;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Servers;
using Middlebox.Testing;

namespace Middlebox.Appliance.Tests.Servers;

/// <summary>What is known of servers outlives the process, and no content of the file does harm.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class KnownServersFileTests : IDisposable
{
    private const string Header = "middlebox known servers 1\n";

    private static readonly HostEndpoint Ipv4 = HostEndpoint.Parse("198.18.11.2:80");
    private static readonly HostEndpoint Ipv6 = HostEndpoint.Parse("[2001:db8:11::2]:443");

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger _log = new();

    private string Path => _directory.File("lib/box.servers");

    public void Dispose() => _directory.Dispose();

    [Test]
    public void WhatIsKnown_ComesBackWithItsAge()
    {
        var (before, file) = Open();
        before.Learn(Ipv4, ServerCapability.Capable);
        _time.Advance(TimeSpan.FromMinutes(30));
        before.Learn(Ipv6, ServerCapability.Legacy);
        before.Learn(HostEndpoint.Parse("198.18.11.2:81"), ServerCapability.DropsMpCapable);
        file.Dispose();
        _time.Advance(TimeSpan.FromMinutes(15));

        var (after, _) = Open();

        Assert.That(after.ToList().ToDictionary(server => server.Server.ToString(), server => (server.Capability, server.Age)), Is.EqualTo(
            new Dictionary<string, (ServerCapability, TimeSpan)>
            {
                ["198.18.11.2:80"] = (ServerCapability.Capable, TimeSpan.FromMinutes(45)),
                ["[2001:db8:11::2]:443"] = (ServerCapability.Legacy, TimeSpan.FromMinutes(15)),
                ["198.18.11.2:81"] = (ServerCapability.DropsMpCapable, TimeSpan.FromMinutes(15)),
            }));
    }

    [Test]
    public void Expired_IsNotTaken()
    {
        var (before, file) = Open();
        before.Learn(Ipv4, ServerCapability.Capable);
        before.Learn(Ipv6, ServerCapability.Legacy);
        file.Dispose();
        _time.Advance(new NegotiationOptions().LegacyServerLifetime);
        Assert.That(Open().Servers.ToList().Single().Server, Is.EqualTo(Ipv4));
    }

    [Test]
    public void NothingLearnt_NoFile_NothingForgotten_NotWrittenAgain()
    {
        var (servers, file) = Open();
        file.SaveChanges();
        Assert.That(File.Exists(Path), Is.False);
        servers.Learn(Ipv4, ServerCapability.Capable);
        file.SaveChanges();
        File.Delete(Path);
        file.SaveChanges();
        Assert.That(File.Exists(Path), Is.False, "nothing has changed");
        servers.Clear();
        file.SaveChanges();
        Assert.That(File.ReadAllText(Path), Is.EqualTo(Header));
        Assert.That(_log.Count, Is.Zero);
    }

    [Test]
    public void MoreThanThereIsRoomFor_TheYoungestAreTaken()
    {
        var (servers, file) = Open();
        for (var port = 1; port <= 10; port++)
        {
            servers.Learn(HostEndpoint.Parse($"198.18.11.2:{port}"), ServerCapability.Capable);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        file.Dispose();
        var few = Open(new NegotiationOptions { MaxKnownServers = 3 }).Servers;
        Assert.That(few.ToList().Select(server => server.Server.Port.Value), Is.EquivalentTo(new[] { 8, 9, 10 }));
    }

    [TestCase("")]
    [TestCase("\0\0\0\0\0\0\0\0")]
    [TestCase("middlebox known servers 2\n198.18.11.2:80 capable 1767225600\n")]
    public void NoFileOfOurs_IsNotUsed(string content)
    {
        Write(content);
        Assert.That(Open().Servers.Count, Is.Zero);
        Assert.That(_log.Next().Text, Does.StartWith($"What {Path} says of servers is not used"));
    }

    [TestCase("198.18.11.2:80 capable")]
    [TestCase("198.18.11.2:80 capable 1767225600 x")]
    [TestCase("198.18.11.2 capable 1767225600")]
    [TestCase("198.18.11.2:65536 capable 1767225600")]
    [TestCase("2001:db8::1:80 capable 1767225600")]
    [TestCase("198.18.11.2:80 Capable 1767225600")]
    [TestCase("198.18.11.2:80 unknown 1767225600")]
    [TestCase("198.18.11.2:80 capable -1")]
    [TestCase("198.18.11.2:80 capable 99999999999999999999")]
    [TestCase("198.18.11.2:80 capable 999999999999999")]
    [TestCase("\u0000\uffff")]
    public void FaultyLine_IsLeftOutAndTheOthersCount(string line)
    {
        Write($"{Header}{line}\n{Ipv6} capable {_time.GetUtcNow().ToUnixTimeSeconds()}\n");
        Assert.That(Open().Servers.ToList().Single().Server, Is.EqualTo(Ipv6));
        Assert.That(_log.Next().Text, Does.StartWith("1 lines of"));
    }

    [Test]
    public void ClockSetBack_ServersCountFromNowOn()
    {
        Write($"{Header}{Ipv4} legacy {_time.GetUtcNow().AddYears(5).ToUnixTimeSeconds()}\n");
        Assert.That(Open().Servers.ToList().Single().Age, Is.EqualTo(TimeSpan.Zero));
    }

    [TestCase(UnixFileMode.GroupWrite)]
    [TestCase(UnixFileMode.OtherWrite)]
    public void FileThatOthersMayWrite_IsNotUsed(UnixFileMode mode)
    {
        Write($"{Header}{Ipv4} capable {_time.GetUtcNow().ToUnixTimeSeconds()}\n");
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
        Assert.That(Open().Servers.Count, Is.Zero);
        Assert.That(_log.Next().Text, Does.Contain("can be written by others"));
    }

    [Test]
    public void CannotBeWritten_IsSaidOnceAndTriedAgain()
    {
        File.WriteAllText(_directory.File("lib"), "in the way of a directory");
        var (servers, file) = Open();
        servers.Learn(Ipv4, ServerCapability.Capable);
        file.SaveChanges();
        servers.Learn(Ipv6, ServerCapability.Capable);
        file.SaveChanges();
        Assert.That(_log.Next().Text, Does.StartWith($"What is known of servers cannot be written to {Path}"));
        Assert.That(_log.Count, Is.Zero);

        File.Delete(_directory.File("lib"));
        file.SaveChanges();
        Assert.That(File.ReadAllLines(Path), Has.Length.EqualTo(3));
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task WhatIsNoFile_IsNeitherReadNorReplaced(CancellationToken deadline)
    {
        Directory.CreateDirectory(_directory.File("lib"));
        Fifo.Make(Path);
        var (servers, file) = await Task.Run(() => Open(), deadline).WaitAsync(deadline);
        Assert.That(_log.Next().Text, Does.Contain("it is a FIFO"));
        servers.Learn(Ipv4, ServerCapability.Capable);
        file.Dispose();
        Assert.That(_log.Next().Text, Does.StartWith($"What is known of servers cannot be written to {Path}").And.Contain("it is a FIFO"));
        Assert.That(RegularFile.KindOf(Path), Is.EqualTo(FileKind.Fifo));
    }

    // A crash between the two leaves a draft, which is in nobody's way.
    [Test]
    public void DraftOfACrash_IsWrittenOver()
    {
        Write("");
        File.Move(Path, $"{Path}.new");
        var (servers, file) = Open();
        servers.Learn(Ipv4, ServerCapability.Capable);
        file.Dispose();
        Assert.That(Directory.GetFiles(_directory.File("lib")), Is.EqualTo(new[] { Path }));
    }

    private (ServerCapabilities Servers, KnownServersFile File) Open(NegotiationOptions? options = null)
    {
        var servers = new ServerCapabilities(options ?? new NegotiationOptions(), _time);
        var file = new KnownServersFile(Path, servers, _time, _log);
        file.Load();
        if (servers.Count > 0 && _log.Count == 1)
            Assert.That(_log.Next().Text, Does.EndWith($"servers are known from {Path}"));
        return (servers, file);
    }

    private void Write(string content)
    {
        Directory.CreateDirectory(_directory.File("lib"));
        File.WriteAllText(Path, content);
    }
}
