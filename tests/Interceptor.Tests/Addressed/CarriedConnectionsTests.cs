using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.Tracking;
using Middlebox.Native;
using Middlebox.Negotiation.Addressed;
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
        _carried.Round();
        AssertCarried(0);
        _tracking.State = ConntrackConstants.TCP_CONNTRACK_ESTABLISHED;
        _carried.Round();
        _carried.Round();
        AssertCarried(1);
    }

    [Test]
    public void BeingSetUp_ForTooLong_IsNot()
    {
        Take(ConntrackConstants.TCP_CONNTRACK_SYN_RECV);
        _time.Advance(TimeSpan.FromSeconds(10));
        _carried.Round();
        _tracking.State = ConntrackConstants.TCP_CONNTRACK_ESTABLISHED;
        _carried.Round();
        AssertCarried(0);
    }

    [TestCase((byte)1)]
    [TestCase((byte)6)]
    [TestCase((byte)7)]
    [TestCase((byte)8)]
    public void NotBegunOrEnded_IsNot(byte state)
    {
        Take(state);
        _tracking.State = ConntrackConstants.TCP_CONNTRACK_ESTABLISHED;
        _carried.Round();
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
        _carried.Round();
        AssertCarried(0);
    }

    [Test]
    public void WithoutAFastPath_NothingIsAsked()
    {
        var without = new CarriedConnections(path: null, _tracking, _counters, _time);
        _tracking.State = ConntrackConstants.TCP_CONNTRACK_ESTABLISHED;
        without.Take(NewPromotion());
        without.Round();
        Assert.That(_tracking.Trusted, Is.Empty);
        AssertCarried(0);
    }

    private void Take(byte state)
    {
        _tracking.State = state;
        _carried.Take(NewPromotion());
    }

    private static Promotion NewPromotion() => new(in Addressed, new DestinationOption(Server, IsTransparent: true), isn: 0);

    private void AssertCarried(int count)
    {
        Assert.That(_path.Carried, Is.EqualTo(Enumerable.Repeat((Addressed, new FlowKey(Translated, Server)), count)));
        Assert.That(_counters.Carried.Count, Is.EqualTo(count));
    }
}
