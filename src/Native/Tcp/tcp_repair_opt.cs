using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct tcp_repair_opt of linux/tcp.h: one option that both ends of a restored connection agreed on.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct tcp_repair_opt(uint code, uint value)
{
    /// <summary>TCP option kind.</summary>
    public readonly uint opt_code = code;

    /// <summary>For the window scale: the peer's shift in the low 16 bits, the own one in the high 16 bits.</summary>
    public readonly uint opt_val = value;
}
