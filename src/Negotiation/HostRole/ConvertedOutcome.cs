namespace Middlebox.Negotiation.HostRole;

/// <summary>What a converter has said of a server.</summary>
public enum ConvertedOutcome
{
    /// <summary>The server has answered.</summary>
    Connected,

    /// <summary>The server has refused (RFC 8803 section 6.2.8, Connection Reset).</summary>
    ServerRefused,

    /// <summary>The converter does not connect this host to this server, or could not.</summary>
    Declined,

    /// <summary>The converter cannot be reached or does not answer, or what answers there is none.</summary>
    Unreachable,
}
