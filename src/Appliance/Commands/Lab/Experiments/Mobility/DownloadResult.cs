namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>What became of the long download.</summary>
/// <param name="BitsPerSecond">Mean over the whole trace.</param>
/// <param name="LongestStall">The longest time without a byte, that before the first one included.</param>
/// <param name="HasWrongBytes">Whether any byte was not the server's.</param>
/// <param name="Failure">What ended it before its time; null if nothing did.</param>
internal sealed record DownloadResult(double BitsPerSecond, TimeSpan LongestStall, bool HasWrongBytes, string? Failure);
