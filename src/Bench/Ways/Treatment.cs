namespace Middlebox.Bench.Ways;

/// <summary>What must happen to a way's connections, or the run measures something else.</summary>
public enum Treatment
{
    /// <summary>MPTCP ends at the host in the middle; the server sees plain TCP from the client's address and port.</summary>
    Proxied,

    /// <summary>MPTCP goes end to end through the host in the middle.</summary>
    EndToEnd,

    /// <summary>Plain TCP goes end to end.</summary>
    Plain,
}
