namespace Middlebox.Negotiation;

/// <summary>What the interceptor does with a segment.</summary>
public enum Verdict : byte
{
    /// <summary>Let it pass.</summary>
    Forward,

    /// <summary>Hold the SYN/ACK back and let the kernel answer a copy of the client's SYN in the server's name.</summary>
    Act,

    /// <summary>Take it off its way and deliver it to the box's own kernel.</summary>
    Divert,

    /// <summary>Keep it for a moment and ask again: what it depends on is just being found out.</summary>
    Defer,

    /// <summary>Drop it: the other side repeats it until it is acknowledged.</summary>
    Discard,

    /// <summary>Hold the SYN of a client without MPTCP back and connect to its server by MPTCP in its name.</summary>
    Dial,

    /// <summary>Hold the SYN/ACK back, give up what it half opened with a RST to the server, then as <see cref="Dial"/>.</summary>
    Redial,

    /// <summary>Leave a SYN to the box itself to the own kernel, at which the port is closed.</summary>
    Refuse,
}
