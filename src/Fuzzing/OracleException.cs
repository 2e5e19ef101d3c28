namespace Middlebox.Fuzzing;

/// <summary>Something that must hold for every input does not.</summary>
public sealed class OracleException(string message) : Exception(message)
{
    /// <exception cref="OracleException">The condition does not hold.</exception>
    public static void Require(bool holds, string message)
    {
        if (!holds)
            throw new OracleException(message);
    }
}
