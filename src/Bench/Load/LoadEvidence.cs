namespace Middlebox.Bench.Load;

/// <summary>What the programs at both ends saw of a run's connections.</summary>
/// <param name="Client">The client's own endpoints of connections that were completed.</param>
/// <param name="Server">The clients' endpoints as the server saw them.</param>
/// <param name="Failures">Connections that failed.</param>
/// <param name="FirstFailure">How the first one failed; null if none did.</param>
internal readonly record struct LoadEvidence(PeerTally Client, PeerTally Server, long Failures = 0, string? FirstFailure = null)
{
    /// <summary>That of two loads of one run.</summary>
    public LoadEvidence And(LoadEvidence other) =>
        new(Client + other.Client, Server + other.Server, Failures + other.Failures, FirstFailure ?? other.FirstFailure);
}
