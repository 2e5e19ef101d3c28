using System.Runtime.CompilerServices;

namespace Middlebox.Negotiation.Contexts;

/// <summary>Room for the TCP options of one SYN: at most 40 bytes (RFC 9293 section 3.1).</summary>
[InlineArray(Capacity)]
internal struct SynOptionBytes
{
    public const int Capacity = 40;

    private byte _first;
}
