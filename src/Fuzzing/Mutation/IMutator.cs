namespace Middlebox.Fuzzing.Mutation;

/// <summary>Makes inputs of earlier ones.</summary>
public interface IMutator
{
    /// <summary>A new input; what is in the pool stays as it is.</summary>
    byte[] Mutate(Random random, IReadOnlyList<byte[]> pool);
}
