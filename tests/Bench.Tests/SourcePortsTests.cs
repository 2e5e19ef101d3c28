using System.Net;
using Middlebox.Bench.Load;

namespace Middlebox.Bench.Tests;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class SourcePortsTests
{
    [Test]
    public void Endpoint_ComesBackOnlyAfterAllOthers()
    {
        var ports = new SourcePorts([IPAddress.Parse("198.18.1.3"), IPAddress.Parse("198.18.1.4")]);
        var first = Next();
        HashSet<string> seen = [first];
        string next;
        while ((next = Next()) != first)
            Assert.That(seen.Add(next), Is.True, next);
        Assert.That(seen, Has.Count.EqualTo(2 * 55_001));

        string Next()
        {
            var endpoint = ports.Next();
            return $"{new IPAddress(endpoint.Address)}:{endpoint.Port}";
        }
    }
}
