namespace Middlebox.Native.Bpf;

/// <summary>Conditions of jumps (RFC 9669 section 4.3); comparisons are unsigned.</summary>
public enum BpfCondition : byte
{
    Equal = 0x10,
    Greater = 0x20,

    /// <summary>Some of the bits are set.</summary>
    AnyBit = 0x40,

    NotEqual = 0x50,
    Less = 0xa0,
}
