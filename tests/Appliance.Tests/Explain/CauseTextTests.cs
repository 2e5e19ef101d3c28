using Middlebox.Appliance.Explain;

namespace Middlebox.Appliance.Tests.Explain;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class CauseTextTests
{
    [Test]
    public void EveryCause_HasASentenceOfAdvice([Values] Cause cause) => Assert.That(cause.Advise(), Does.EndWith("."));
}
