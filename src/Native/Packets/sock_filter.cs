using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct sock_filter of linux/filter.h: one instruction of a classic BPF program.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct sock_filter(ushort code, byte jumpTrue, byte jumpFalse, uint operand)
{
    public readonly ushort code = code;
    public readonly byte jt = jumpTrue;
    public readonly byte jf = jumpFalse;
    public readonly uint k = operand;
}
