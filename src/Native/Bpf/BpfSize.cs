namespace Middlebox.Native.Bpf;

/// <summary>Sizes of memory accesses (RFC 9669 section 5).</summary>
public enum BpfSize : byte
{
    Bits32 = 0x00,
    Bits16 = 0x08,
    Bits8 = 0x10,
    Bits64 = 0x18,
}
