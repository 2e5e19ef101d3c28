namespace Middlebox.Negotiation.Policy;

/// <summary>What the policy says of a connection.</summary>
public enum PolicyAction
{
    /// <summary>Keep a context - in the explicit scheme, claim it - and act if it proves necessary.</summary>
    Serve,

    /// <summary>Leave it to another proxy on the path.</summary>
    Defer,

    /// <summary>Forward and forget; nothing of it is looked at.</summary>
    Bypass,
}
