namespace Middlebox.Negotiation;

/// <summary>What the interceptor does with a segment.</summary>
public enum Verdict : byte
{
    /// <summary>Let it pass, not a bit changed.</summary>
    Forward,

    /// <summary>Let it pass without the request for ECN, which the adopted connection could not honour.</summary>
    ForwardWithoutEcn,

    /// <summary>Let it pass with MP_CAPABLE blanked: the server behind is known to drop it.</summary>
    ForwardWithoutMpCapable,

    /// <summary>Hold the SYN/ACK back and let the kernel answer a copy of the client's SYN in the server's name.</summary>
    Act,

    /// <summary>Take it off its way and deliver it to the box's own kernel.</summary>
    Divert,

    /// <summary>Keep it for a moment and ask again: what it depends on is just being found out.</summary>
    Defer,

    /// <summary>Drop it: the other side repeats it until it is acknowledged.</summary>
    Discard,
}
