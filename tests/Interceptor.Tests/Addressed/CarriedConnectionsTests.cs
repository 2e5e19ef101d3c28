using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.Tracking;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests.Addressed;

[TestFixture]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class CarriedConnectionsTests
{
    private static readonly FlowKey Addressed = AddressedBench.Addressed;
    private static readonly HostEndpoint Server = HostEndpoint.Parse("198.18.11.2:80");
    private static readonly HostEndpoint Translated = HostEndpoint.Parse("198.18.3.2:40000");

    private readonly ManualTimeProvider _time = new();
    private readonly RecordingTracking _tracking = new();
    private readonly RecordingFastPath _path = new();
    private readonly AddressedCounters _counters = new();
    private readonly CarriedConnections _carried;

    public CarriedConnectionsTests()
    {
        _carried = new CarriedConnections(_path, _tracking, _counters, _time);
        Assert.That(_tracking.Create(in Addressed, Translated.Address, Server, mark: 0), Is.EqualTo(Errno.None));
    }

    [Test]
    public void Established_IsCarriedAtOnce_AndNotJudgedByWindows()
    {
        Take(ConntrackConstants.TCP_CONNTRACK_ESTABLISHED);
        AssertCarried(1);
        Assert.That(_tracking.Trusted, Is.EqualTo(new[] { Addressed }));
    }

    [Test]
    public void BeingSetUp_IsCarriedOnceItIsThere()
    {
        Take(ConntrackConstants.TCP_CONNTRACK_SYN_RECV);
        Round();
        AssertCarried(0);
        _tracking.State = ConntrackConstants.TCP_CONNTRACK_ESTABLISHED;
        Round();
        Round();
        AssertCarried(1);
    }

    [Test]
    public void BeingSetUp_ForTooLong_IsNot()
    {
        Take(ConntrackConstants.TCP_CONNTRACK_SYN_RECV);
        _time.Advance(TimeSpan.FromSeconds(10));
        Round();
        _tracking.State = ConntrackConstants.TCP_CONNTRACK_ESTABLISHED;
        Round();
        AssertCarried(0);
    }

    // A port that is used again while the connection before was being set up.
    [Test]
    public void ServerThatIsAnotherByThen_IsTheOneThatIsCarriedTo()
    {
        var other = HostEndpoint.Parse("198.18.11.3:443");
        Take(ConntrackConstants.TCP_CONNTRACK_SYN_RECV);
        _tracking.Delete(in Addressed);
        _tracking.Create(in Addressed, Translated.Address, other, mark: 0);
        _tracking.State = ConntrackConstants.TCP_CONNTRACK_ESTABLISHED;
        Round();
        Assert.That(_path.Carried, Is.EqualTo(new[] { (Addressed, new FlowKey(Translated, other)) }));
    }

    [Test]
    public void Many_AreNotAskedForAllAtOnce()
    {
        for (var port = 1; port <= 1000; port++)
        {
            var flow = Addressed with { Client = Addressed.Client with { Port = new PortNumber((ushort)port) } };
            _tracking.Create(in flow, Translated.Address, Server, mark: 0);
            _tracking.State = ConntrackConstants.TCP_CONNTRACK_SYN_RECV;
            _carried.Take(flow);
        }

        _tracking.State = ConntrackConstants.TCP_CONNTRACK_ESTABLISHED;
        _carried.Round();
        Assert.That(_path.Carried, Is.Empty, "too early");
        Round();
        Assert.That(_path.Carried, Has.Count.EqualTo(64));
        for (var i = 0; i < 15; i++)
            Round();
        Assert.That(_path.Carried, Has.Count.EqualTo(1000));
    }

    [TestCase((byte)1)]
    [TestCase((byte)6)]
    [TestCase((byte)7)]
    [TestCase((byte)8)]
    public void NotBegunOrEnded_IsNot(byte state)
    {
        Take(state);
        _tracking.State = ConntrackConstants.TCP_CONNTRACK_ESTABLISHED;
        Round();
        AssertCarried(0);
    }

    [Test]
    public void Unknown_IsNot()
    {
        _tracking.Delete(in Addressed);
        Take(ConntrackConstants.TCP_CONNTRACK_ESTABLISHED);
        AssertCarried(0);
    }

    // As of FTP, whose addresses the kernel translates in the data.
    [Test]
    public void WithSegmentsThatTheKernelReads_IsNot()
    {
        _tracking.HasHelper = true;
        Take(ConntrackConstants.TCP_CONNTRACK_ESTABLISHED);
        _tracking.HasHelper = false;
        Round();
        AssertCarried(0);
    }

    [Test]
    public void WithoutAFastPath_NothingIsAsked()
    {
        var without = new CarriedConnections(path: null, _tracking, _counters, _time);
        _tracking.State = ConntrackConstants.TCP_CONNTRACK_ESTABLISHED;
        without.Take(Addressed);
        without.Round();
        Assert.That(_tracking.Trusted, Is.Empty);
        AssertCarried(0);
    }

    private void Take(byte state)
    {
        _tracking.State = state;
        _carried.Take(Addressed);
    }

    private void Round()
    {
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _carried.Round();
    }

    private void AssertCarried(int count)
    {
        Assert.That(_path.Carried, Is.EqualTo(Enumerable.Repeat((Addressed, new FlowKey(Translated, Server)), count)));
        Assert.That(_counters.Carried.Count, Is.EqualTo(count));
    }
}
