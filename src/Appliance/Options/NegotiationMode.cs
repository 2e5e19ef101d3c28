namespace Middlebox.Appliance.Options;

/// <summary>How boxes on one path agree which of them acts.</summary>
public enum NegotiationMode
{
    /// <summary>By where they stand: the one nearest the server acts. No change to MPTCP.</summary>
    Implicit,

    /// <summary>By claims that they put into the SYN (the P flag).</summary>
    Explicit,
}
