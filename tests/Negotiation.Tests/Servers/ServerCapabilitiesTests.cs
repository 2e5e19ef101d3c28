using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Servers;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Servers;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class ServerCapabilitiesTests
{
    private static readonly HostEndpoint Server = HostEndpoint.Parse("[2001:db8:9::2]:80");

    private readonly ManualTimeProvider _time = new();
    private readonly NegotiationOptions _options = new()
    {
        MaxKnownServers = 8,
        CapableServerLifetime = TimeSpan.FromHours(4),
        LegacyServerLifetime = TimeSpan.FromHours(1),
        DroppingServerLifetime = TimeSpan.FromHours(8),
    };

    private readonly ServerCapabilities _servers;

    public ServerCapabilitiesTests() => _servers = new ServerCapabilities(_options, _time);

    [Test]
    public void Server_NeverSeen_IsUnknown() => Assert.That(_servers.Find(Server), Is.EqualTo(ServerCapability.Unknown));

    [TestCase(ServerCapability.Capable, 4)]
    [TestCase(ServerCapability.Legacy, 1)]
    [TestCase(ServerCapability.DropsMpCapable, 8)]
    public void Server_IsKnownForTheLifetimeOfWhatItIs(ServerCapability capability, int hours)
    {
        _servers.Learn(Server, capability);
        _time.Advance(TimeSpan.FromHours(hours) - TimeSpan.FromTicks(1));
        Assert.That(_servers.Find(Server), Is.EqualTo(capability));
        Assert.That(_servers.ToList(), Has.Count.EqualTo(1));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.That(_servers.Find(Server), Is.EqualTo(ServerCapability.Unknown));
        Assert.That(_servers.ToList(), Is.Empty);
    }

    [Test]
    public void Server_OfAnotherPort_IsAnotherServer()
    {
        _servers.Learn(Server, ServerCapability.Capable);
        Assert.That(_servers.Find(HostEndpoint.Parse("[2001:db8:9::2]:81")), Is.EqualTo(ServerCapability.Unknown));
    }

    [Test]
    public void Server_ShowsSomethingElse_ThatCounts()
    {
        _servers.Learn(Server, ServerCapability.Capable);
        _servers.Learn(Server, ServerCapability.Legacy);
        Assert.That(_servers.Find(Server), Is.EqualTo(ServerCapability.Legacy));
        Assert.That(_servers.Count, Is.EqualTo(1));
    }

    [Test]
    public void Server_ShowsTheSameAgain_InTheSecondHalfOfItsLife_LivesOn()
    {
        _servers.Learn(Server, ServerCapability.Legacy);
        _time.Advance(_options.LegacyServerLifetime * 0.6);
        _servers.Learn(Server, ServerCapability.Legacy);
        _time.Advance(_options.LegacyServerLifetime * 0.6);
        Assert.That(_servers.Find(Server), Is.EqualTo(ServerCapability.Legacy));
    }

    [Test]
    public void Server_Forgotten_IsUnknown()
    {
        _servers.Learn(Server, ServerCapability.Capable);
        _servers.Forget(Server);
        Assert.That(_servers.Find(Server), Is.EqualTo(ServerCapability.Unknown));
    }

    [Test]
    public void Full_ForgetsWhatHasExpiredAndKeepsTheRest()
    {
        _servers.Learn(Other(0), ServerCapability.Legacy);
        for (var i = 1; i < _options.MaxKnownServers; i++)
            _servers.Learn(Other(i), ServerCapability.Capable);
        _time.Advance(_options.LegacyServerLifetime);
        _servers.Learn(Server, ServerCapability.Capable);

        Assert.That(_servers.Count, Is.EqualTo(_options.MaxKnownServers));
        Assert.That(_servers.Find(Other(1)), Is.EqualTo(ServerCapability.Capable));
        Assert.That(_servers.Find(Server), Is.EqualTo(ServerCapability.Capable));
    }

    [Test]
    public void Full_NothingExpired_ForgetsTheOlderHalf()
    {
        for (var i = 0; i < _options.MaxKnownServers; i++)
        {
            _servers.Learn(Other(i), ServerCapability.Capable);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _servers.Learn(Server, ServerCapability.Legacy);

        Assert.That(_servers.Count, Is.EqualTo(_options.MaxKnownServers / 2 + 1));
        Assert.That(_servers.Find(Other(_options.MaxKnownServers - 1)), Is.EqualTo(ServerCapability.Capable));
        Assert.That(_servers.Find(Other(0)), Is.EqualTo(ServerCapability.Unknown));
        Assert.That(_servers.Find(Server), Is.EqualTo(ServerCapability.Legacy));
    }

    [Test]
    public void NoRoomAtAll_NothingIsKept()
    {
        var servers = new ServerCapabilities(_options with { MaxKnownServers = 0 }, _time);
        servers.Learn(Server, ServerCapability.Capable);
        Assert.That(servers.Count, Is.Zero);
    }

    [Test]
    public void Clear_ForgetsAllAndTellsHowMany()
    {
        _servers.Learn(Server, ServerCapability.Capable);
        _servers.Learn(Other(1), ServerCapability.Legacy);
        Assert.That(_servers.Clear(), Is.EqualTo(2));
        Assert.That(_servers.Count, Is.Zero);
    }

    [Test]
    public void Restored_CountsForTheRestOfItsLife()
    {
        Assert.That(_servers.TryRestore(Server, ServerCapability.Capable, TimeSpan.FromHours(3)), Is.True);
        var restored = _servers.ToList().Single();
        Assert.That((restored.Capability, restored.Age, restored.Remaining), Is.EqualTo((ServerCapability.Capable, TimeSpan.FromHours(3), TimeSpan.FromHours(1))));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.That(_servers.Find(Server), Is.EqualTo(ServerCapability.Unknown));
    }

    [Test]
    public void Restored_FromTheFuture_CountsFromNowOn()
    {
        _servers.TryRestore(Server, ServerCapability.Legacy, TimeSpan.FromDays(-9000));
        Assert.That(_servers.ToList().Single().Remaining, Is.EqualTo(_options.LegacyServerLifetime));
    }

    [Test]
    public void Restored_ExpiredOrKnownOrWithoutRoom_IsLeftOut()
    {
        Assert.That(_servers.TryRestore(Server, ServerCapability.Legacy, TimeSpan.FromHours(1)), Is.False, "expired");
        _servers.Learn(Server, ServerCapability.Capable);
        Assert.That(_servers.TryRestore(Server, ServerCapability.Legacy, TimeSpan.Zero), Is.False, "known");
        for (var i = 1; i < _options.MaxKnownServers; i++)
            Assert.That(_servers.TryRestore(Other(i), ServerCapability.Capable, TimeSpan.Zero), Is.True);
        Assert.That(_servers.TryRestore(Other(0), ServerCapability.Capable, TimeSpan.Zero), Is.False, "no room");
        Assert.That(_servers.Find(Server), Is.EqualTo(ServerCapability.Capable));
        Assert.That(_servers.Count, Is.EqualTo(_options.MaxKnownServers));
    }

    [Test]
    public void Version_ChangesWithWhatIsKnownAndNotOtherwise()
    {
        List<long> versions = [_servers.Version];
        _servers.Learn(Server, ServerCapability.Capable);
        versions.Add(_servers.Version);
        _servers.Learn(Server, ServerCapability.Capable);
        Assert.That(_servers.Version, Is.EqualTo(versions[^1]));
        _servers.Forget(Server);
        versions.Add(_servers.Version);
        _servers.Forget(Server);
        Assert.That(_servers.Version, Is.EqualTo(versions[^1]));
        _servers.Clear();
        versions.Add(_servers.Version);
        Assert.That(versions, Is.Unique);
    }

    [Test]
    public void ManyThreads_NeverMoreThanTheBound()
    {
        Parallel.For(0, 10_000, i =>
        {
            _servers.Learn(Other(i % 500), (ServerCapability)(1 + (i % 3)));
            _servers.Find(Other(i % 300));
            if (i % 7 == 0)
                _servers.Forget(Other(i % 500));
        });
        Assert.That(_servers.Count, Is.LessThanOrEqualTo(_options.MaxKnownServers));
    }

    private static HostEndpoint Other(int number) => HostEndpoint.Parse($"198.18.9.2:{1000 + number}");
}
