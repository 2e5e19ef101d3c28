using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Joins;

namespace Middlebox.Negotiation.Tests.Joins;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class ServedTokensTests
{
    private static readonly HostEndpoint Server = HostEndpoint.Parse("198.18.9.2:80");
    private static readonly HostEndpoint Other = HostEndpoint.Parse("198.18.9.2:81");

    private readonly ServedTokens _tokens = new();

    [Test]
    public void Token_ServesItsServerOnly()
    {
        _tokens.Add(0, Server);
        Assert.That(_tokens.Serves(0, Server), Is.True);
        Assert.That(_tokens.Serves(0, Other), Is.False);
        Assert.That(_tokens.Serves(1, Server), Is.False);
        _tokens.Remove(0);
        Assert.That(_tokens.Serves(0, Server), Is.False);
    }

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
