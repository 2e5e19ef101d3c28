using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Converter;

[TestFixture]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ConverterClientsTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ConverterClients _clients;

    public ConverterClientsTests() => _clients = new ConverterClients(new ConverterClientLimits(2, 3, 5, 1), _time);

    [TestCase("198.18.1.2", "198.18.1.2", true)]
    [TestCase("198.18.1.2", "198.18.1.3", false)]
    [TestCase("2001:db8:1:2::3", "2001:db8:1:2:4::5", true)]
    [TestCase("2001:db8:1:2::3", "2001:db8:1:3::3", false)]
    public void Find_AddressesOfOneClient(string first, string second, bool same) =>
        Assert.That(ReferenceEquals(Find(first), Find(second)), Is.EqualTo(same));

    [Test]
    public void Pending_UpToTheLimit()
    {
        var client = Find("198.18.1.2");
        Assert.That(client.TryBegin() && client.TryBegin(), Is.True);
        Assert.That(client.TryBegin(), Is.False);
        client.Settle();
        Assert.That(client.TryBegin(), Is.True);
    }

    [Test]
    public void Flows_UpToTheLimit_AndTheRate()
    {
        var client = Find("198.18.1.2").Flows;
        Assert.That(Enumerable.Range(0, 3).Select(_ => client.TryAdmit(out var refusal)), Has.All.True);
        Assert.That(client.TryAdmit(out var reason), Is.False);
        Assert.That(reason, Is.EqualTo(Reason.FlowLimit));
        for (var i = 0; i < 2; i++)
        {
            client.Release();
            Assert.That(client.TryAdmit(out _), Is.True);
        }

        client.Release();
        Assert.That(client.TryAdmit(out reason), Is.False);
        Assert.That(reason, Is.EqualTo(Reason.RateLimit));
    }

    [Test]
    public void Errors_OneASecond()
    {
        var client = Find("198.18.1.2");
        Assert.That((client.MayBeToldOfError(), client.MayBeToldOfError()), Is.EqualTo((true, false)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(client.MayBeToldOfError(), Is.True);
    }

    [Test]
    public void ForgetIdle_KeepsThoseThatHaveSomething()
    {
        Find("198.18.1.2").TryBegin();
        Find("198.18.1.3").Flows.TryAdmit(out _);
        Find("198.18.1.4");
        _clients.ForgetIdle();
        Assert.That(_clients.Count, Is.EqualTo(2));
        Find("198.18.1.2").Settle();
        Find("198.18.1.3").Flows.Release();
        _clients.ForgetIdle();
        Assert.That(_clients.Count, Is.Zero);
    }

    private ConverterClient Find(string address) => _clients.Find(HostAddress.Parse(address));
}
