namespace Middlebox.Lab.Tests.Traffic;

/// <summary>What went through a stream in one direction: equal at both ends if nothing was lost, repeated or swapped.</summary>
public sealed record StreamDigest(long Length, string Sha256);
