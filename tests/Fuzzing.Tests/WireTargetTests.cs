namespace Middlebox.Fuzzing.Tests;

/// <summary>What comes off the wire, for a moment; <c>middlebox fuzz</c> takes longer.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class WireTargetTests
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(1.5);

    [TestCaseSource(nameof(Names))]
    public void Target_CorpusAndMutations_NothingFound(string name)
    {
        var kind = WireTargets.All.Single(kind => kind.Name == name);
        var seed = Random.Shared.Next();
        var fuzzer = new Fuzzer(name, kind.Create(), FuzzCorpus.Shipped(name), seed);
        var finding = fuzzer.Run(Budget, CancellationToken.None);
        TestContext.Out.WriteLine($"seed {seed}: {fuzzer.Inputs} inputs, {fuzzer.Behaviours} behaviours");
        Assert.That(finding?.Problem, Is.Null, () => $"seed {seed}, input {Convert.ToHexString(finding!.Input)}");
        Assert.That(fuzzer.Behaviours, Is.GreaterThan(FuzzCorpus.Shipped(name).Count), "mutations that only destroy find nothing");
    }

    private static IEnumerable<string> Names() => WireTargets.All.Select(kind => kind.Name);
}
