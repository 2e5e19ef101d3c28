using Microsoft.Extensions.Logging.Abstractions;
using Middlebox.Appliance.Host;
using Middlebox.Interceptor;
using Middlebox.Interceptor.Rules;

namespace Middlebox.Appliance.Tests.Host;

/// <summary>A daemon that goes on with the connections of another finds out whether any may end here.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class LocalDeliveryTests
{
    private static readonly InterceptorOptions Options = new();

    [TestCase("-4")]
    [TestCase("-6")]
    public void RouteOfTheDaemonBefore_WasAdded(string family) => Assert.That(
        WasAdded(["ip", family, "route", "del", "local", "default", "dev", "lo", "table", "30303"]), Is.True);

    [Test]
    public void RouteOfAnotherTable_WasNot() => Assert.That(
        WasAdded(["ip", "-4", "route", "del", "local", "default", "dev", "lo", "table", "30304"]), Is.False);

    [Test]
    public void EmptyJournal_WasNot() => Assert.That(WasAdded(null), Is.False);

    private static bool WasAdded(IReadOnlyList<string>? undo)
    {
        var directory = Directory.CreateTempSubdirectory("mbx-delivery-").FullName;
        try
        {
            var journal = Journal.Open(Path.Combine(directory, "journal"));
            if (undo is not null)
                journal.Add(new UndoCommand(undo));
            return new LocalDelivery(Options, PacketMarks.Parse(Options.MarkMask), journal, NullLogger.Instance).WasAdded([RuleFamily.IPv4, RuleFamily.IPv6]);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
