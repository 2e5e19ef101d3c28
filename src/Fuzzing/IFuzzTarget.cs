using Middlebox.Fuzzing.Mutation;

namespace Middlebox.Fuzzing;

/// <summary>A reader of hostile bytes together with what must hold whatever they are. Used by one thread.</summary>
public interface IFuzzTarget
{
    /// <summary>How inputs of this kind are damaged.</summary>
    IMutator Mutator { get; }

    /// <summary>Reads the input and checks everything that must hold. The same input always does the same.</summary>
    /// <returns>
    /// What became of the input, as a hash: inputs with a new one are kept and mutated further, as a fuzzer with instrumented code does with
    /// those that reach new branches.
    /// </returns>
    /// <exception cref="OracleException">Something does not hold. Any other exception is a finding too.</exception>
    int Run(byte[] input);
}
