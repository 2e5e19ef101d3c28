using Middlebox.Fuzzing.Mutation;

namespace Middlebox.Fuzzing.Tests;

/// <summary>The fuzzer itself, with targets that have a fault.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class FuzzerTests
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);

    // Random bytes would have them all at once in one of four thousand million inputs.
    [Test]
    public void FaultBehindFourSteps_IsFoundByKeepingWhatIsNew()
    {
        var finding = Fuzz(new StepwiseFault("fuzz"u8.ToArray()));
        Assert.That(finding?.Problem, Is.EqualTo("found"));
        Assert.That(finding!.Input, Is.EqualTo("fuzz"u8.ToArray()), "shortened to what matters");
    }

    [Test]
    public void AnyException_IsAFinding() =>
        Assert.That(Fuzz(new Target(input => throw new InvalidDataException($"{input.Length}")))?.Problem, Does.Contain(nameof(InvalidDataException)));

    [Test]
    public void SameSeed_MakesTheSameInputs()
    {
        var first = Inputs(seed: 5);
        Assert.That(Inputs(seed: 5), Is.EqualTo(first));
        Assert.That(Inputs(seed: 6), Is.Not.EqualTo(first));
    }

    [Test]
    public void Corpus_RunsFirst()
    {
        List<byte[]> seen = [];
        var target = new Target(input => seen.Add(input));
        new Fuzzer("x", target, [[1], [2, 3]], seed: 1).Run(TimeSpan.Zero, CancellationToken.None);
        Assert.That(seen, Is.EqualTo(new byte[][] { [1], [2, 3] }));
    }

    [Test]
    public void InputThatRuns_IsSeenFromOutside()
    {
        using var entered = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        var fuzzer = new Fuzzer(
            "x",
            new Target(_ =>
            {
                entered.Set();
                released.Wait();
            }),
            [[7]],
            seed: 1);
        var run = Task.Run(() => fuzzer.Run(TimeSpan.Zero, CancellationToken.None));
        entered.Wait();
        Assert.That(fuzzer.Current.Input, Is.EqualTo(new byte[] { 7 }));
        released.Set();
        Assert.That(run.Result, Is.Null);
    }

    private static FuzzFinding? Fuzz(IFuzzTarget target) => new Fuzzer("x", target, [[0]], seed: 1).Run(Budget, CancellationToken.None);

    private static List<string> Inputs(int seed)
    {
        List<string> inputs = [];
        new Fuzzer("x", new Target(input => inputs.Add(Convert.ToHexString(input))), [[1, 2, 3, 4]], seed).Run(Budget, CancellationToken.None, mostInputs: 100);
        return inputs;
    }

    private sealed class Target(Action<byte[]> run) : IFuzzTarget
    {
        public IMutator Mutator { get; } = new ByteMutator([]);

        public int Run(byte[] input)
        {
            run(input);
            return input.Length;
        }
    }

    /// <summary>Behaves differently for each further byte that is right, and fails when all are.</summary>
    private sealed class StepwiseFault(byte[] secret) : IFuzzTarget
    {
        public IMutator Mutator { get; } = new ByteMutator([]);

        public int Run(byte[] input)
        {
            var right = input.AsSpan().CommonPrefixLength(secret);
            OracleException.Require(right < secret.Length, "found");
            return right;
        }
    }
}
