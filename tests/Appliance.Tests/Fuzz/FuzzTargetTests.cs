using Middlebox.Appliance.Commands.Fuzz;
using Middlebox.Fuzzing;

namespace Middlebox.Appliance.Tests.Fuzz;

/// <summary>What users and their programs send, for a moment; <c>middlebox fuzz</c> takes longer.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class FuzzTargetTests
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(1.5);

    [TestCaseSource(nameof(OwnTargets))]
    public void Target_CorpusAndMutations_NothingFound(string name)
    {
        var target = FuzzTargets.All.Single(kind => kind.Name == name).Create();
        using var owner = target as IDisposable;
        var seed = Random.Shared.Next();
        var fuzzer = new Fuzzer(name, target, FuzzCorpus.Shipped(name), seed);
        var finding = fuzzer.Run(Budget, CancellationToken.None);
        TestContext.Out.WriteLine($"seed {seed}: {fuzzer.Inputs} inputs, {fuzzer.Behaviours} behaviours");
        Assert.That(finding?.Problem, Is.Null, () => $"seed {seed}, input {Convert.ToHexString(finding!.Input)}");
    }

    [Test]
    public void EveryTarget_HasACorpus() =>
        Assert.That(FuzzTargets.All.Select(kind => FuzzCorpus.Shipped(kind.Name).Count), Has.All.GreaterThan(3));

    private static IEnumerable<string> OwnTargets() => FuzzTargets.All.Except(WireTargets.All).Select(kind => kind.Name);
}
