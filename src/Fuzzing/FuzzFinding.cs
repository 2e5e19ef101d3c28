namespace Middlebox.Fuzzing;

/// <summary>An input for which something does not hold.</summary>
/// <param name="Target">The target's name.</param>
/// <param name="Input">The shortest such input that was found.</param>
/// <param name="Problem">What does not hold.</param>
public sealed record FuzzFinding(string Target, byte[] Input, string Problem);
