using System.Diagnostics;

namespace Middlebox.Fuzzing;

// One target, one thread. What it does follows from the seed and the corpus alone, so that a finding can be had again by the same seed; the time
// only decides when it ends. Others may read how far it is.

/// <summary>Feeds one target with its corpus and with mutations of it, and keeps inputs that did something new.</summary>
public sealed class Fuzzer
{
    // Enough to hold every behaviour that the targets have shown so far; beyond it new ones take the places of old ones.
    private const int PoolCapacity = 8192;

    private readonly string _name;
    private readonly IFuzzTarget _target;
    private readonly Random _random;
    private readonly List<byte[]> _pool;
    private readonly int _given;
    private readonly HashSet<int> _behaviours = [];
    private volatile byte[] _current = [];
    private long _inputs;
    private int _behaviourCount;
    private long _currentSince;

    /// <param name="name">The target's name.</param>
    /// <param name="target">What is fed.</param>
    /// <param name="corpus">Inputs to begin with; at least one.</param>
    /// <param name="seed">Decides every mutation.</param>
    public Fuzzer(string name, IFuzzTarget target, IReadOnlyCollection<byte[]> corpus, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfZero(corpus.Count);
        _name = name;
        _target = target;
        _pool = [.. corpus];
        _given = _pool.Count;
        _random = new Random(seed);
    }

    public string Target => _name;

    /// <summary>Inputs run so far; any thread may ask.</summary>
    public long Inputs => Volatile.Read(ref _inputs);

    /// <summary>Different behaviours seen so far; any thread may ask.</summary>
    public int Behaviours => Volatile.Read(ref _behaviourCount);

    /// <summary>The input that runs now, and for how long; any thread may ask. One that does not end is a finding, too.</summary>
    public (byte[] Input, TimeSpan Elapsed) Current => (_current, Stopwatch.GetElapsedTime(Volatile.Read(ref _currentSince)));

    /// <summary>Inputs that showed something that no given one does.</summary>
    public IEnumerable<byte[]> Discovered => _pool.Skip(_given);

    /// <summary>Runs the corpus, and mutations of it until the time is over.</summary>
    /// <returns>The first finding; null if there is none.</returns>
    public FuzzFinding? Run(TimeSpan budget, CancellationToken cancellation, long mostInputs = long.MaxValue)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < _given; i++)
        {
            if (TryRun(_pool[i]) is { } problem)
                return Finding(_pool[i], problem);
        }

        while (_inputs < mostInputs && Stopwatch.GetElapsedTime(start) < budget && !cancellation.IsCancellationRequested)
        {
            var input = _target.Mutator.Mutate(_random, _pool);
            var known = _behaviours.Count;
            if (TryRun(input) is { } problem)
                return Finding(input, problem);
            if (_behaviours.Count > known)
                Keep(input);
        }

        return null;
    }

    private void Keep(byte[] input)
    {
        if (_pool.Count < PoolCapacity)
            _pool.Add(input);
        else
            _pool[_random.Next(_given, _pool.Count)] = input;
    }

    private FuzzFinding Finding(byte[] input, string problem)
    {
        var shortest = InputReduction.Shorten(input, candidate => TryRun(candidate) is not null);
        return new FuzzFinding(_name, shortest, TryRun(shortest) ?? problem);
    }

    /// <returns>What does not hold; null if everything does.</returns>
    private string? TryRun(byte[] input)
    {
        _current = input;
        Volatile.Write(ref _currentSince, Stopwatch.GetTimestamp());
        _inputs++;
        try
        {
            if (_behaviours.Add(_target.Run(input)))
                Volatile.Write(ref _behaviourCount, _behaviours.Count);
            return null;
        }
        catch (OracleException failure)
        {
            return failure.Message;
        }
        catch (Exception failure)
        {
            // Nothing that is fed here may throw, whatever it is.
            return failure.ToString();
        }
    }
}
