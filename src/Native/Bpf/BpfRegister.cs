namespace Middlebox.Native.Bpf;

/// <summary>Registers of BPF (RFC 9669 section 2.2). A call takes R1 to R5, returns R0, and keeps R6 to R9.</summary>
public enum BpfRegister : byte
{
    R0,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,

    /// <summary>The end of 512 octets of memory, which have offsets below 0.</summary>
    Stack,
}
