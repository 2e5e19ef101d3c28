namespace Middlebox.Bench.Load;

/// <summary>What a flood of SYNs came to.</summary>
/// <param name="Sent">SYNs that the kernel took.</param>
/// <param name="Elapsed">How long it lasted.</param>
internal readonly record struct SynFloodResult(long Sent, TimeSpan Elapsed);
