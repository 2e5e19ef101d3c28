namespace Middlebox.Bench.Load;

/// <summary>What a load of connections came to.</summary>
/// <param name="Client">Endpoints of the connections that were completed.</param>
/// <param name="Elapsed">From the first connect() to the last byte.</param>
/// <param name="Failures">Connections that were not completed.</param>
/// <param name="FirstFailure">How the first of them ended; null if none did.</param>
internal readonly record struct ExchangeResult(PeerTally Client, TimeSpan Elapsed, long Failures, string? FirstFailure);
