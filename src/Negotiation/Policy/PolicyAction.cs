namespace Middlebox.Negotiation.Policy;

/// <summary>What the policy says of a connection.</summary>
public enum PolicyAction
{
    /// <summary>Keep a context and act if it proves necessary.</summary>
    Serve,

    /// <summary>Forward and forget.</summary>
    Bypass,
}
