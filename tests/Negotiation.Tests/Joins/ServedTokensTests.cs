using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Joins;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Joins;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class ServedTokensTests
{
    private static readonly HostEndpoint Server = HostEndpoint.Parse("198.18.9.2:80");
    private static readonly HostEndpoint Other = HostEndpoint.Parse("198.18.9.2:81");

    private readonly ManualTimeProvider _time = new();
    private readonly ServedTokens _tokens;

    public ServedTokensTests() => _tokens = new ServedTokens(_time);

    [Test]
    public void Token_ServesItsServerOnly()
    {
        _tokens.Add(0, Server);
        Assert.That(_tokens.Serves(0, Server), Is.True);
        Assert.That(_tokens.Serves(0, Other), Is.False);
        Assert.That(_tokens.Serves(1, Server), Is.False);
    }

    [Test]
    public void Token_OfAnEndedConnection_StaysForAMoment()
    {
        _tokens.Add(1, Server);
        _tokens.Add(2, Server);
        _tokens.Remove(1);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That(_tokens.Serves(1, Server), Is.True);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        _tokens.Remove(2);
        Assert.That((_tokens.Serves(1, Server), _tokens.Serves(2, Server)), Is.EqualTo((false, true)));
    }

    [Test]
    public void Token_GivenAgainAtOnce_StaysWithTheNewConnection()
    {
        _tokens.Add(1, Server);
        _tokens.Remove(1);
        _tokens.Add(1, Other);
        _tokens.Add(2, Server);
        _time.Advance(TimeSpan.FromSeconds(6));
        _tokens.Remove(2);
        Assert.That(_tokens.Serves(1, Other), Is.True);
    }

    [Test]
    public void Token_NeverKnown_IsRemovedInVain() => Assert.That(() => _tokens.Remove(7), Throws.Nothing);

    [Test]
    public void Expectation_LastsUntilTheLastHandshakeIsDone()
    {
        _tokens.Expect(Server);
        _tokens.Expect(Server);
        _tokens.Unexpect(Server);
        Assert.That(_tokens.IsExpectedFor(Server), Is.True);
        Assert.That(_tokens.IsExpectedFor(Other), Is.False);
        _tokens.Unexpect(Server);
        Assert.That(_tokens.IsExpectedFor(Server), Is.False);
    }

    [Test]
    public void Expectation_EndedTwice_DoesNotSwallowTheNext()
    {
        _tokens.Unexpect(Server);
        _tokens.Expect(Server);
        Assert.That(_tokens.IsExpectedFor(Server), Is.True);
    }

    [Test]
    public void Expectations_OfManyThreads_AreNotLost()
    {
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 5000; i++)
            {
                _tokens.Expect(Server);
                if (!_tokens.IsExpectedFor(Server))
                    throw new InvalidOperationException("an expectation of this thread is lost");
                _tokens.Unexpect(Server);
            }
        });
        Assert.That(_tokens.IsExpectedFor(Server), Is.False);
    }
}
