using System.Runtime.InteropServices;

namespace Middlebox.Native.Bpf;

/// <summary>bpf(2): commands and the attributes that they have in common, by linux/bpf.h.</summary>
internal static class BpfCall
{
    public const int BPF_MAP_CREATE = 0;
    public const int BPF_MAP_UPDATE_ELEM = 2;
    public const int BPF_PROG_LOAD = 5;
    public const int BPF_PROG_TEST_RUN = 10;
    public const int BPF_LINK_CREATE = 28;

    /// <summary>Octets of all attributes of the commands above.</summary>
    public const int AttributesLength = 128;

    private const int NameLength = 16;

    private static readonly nint _number = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 321,
        Architecture.Arm64 => 280,
        _ => -1,
    };

    /// <summary>Makes something; what has gone wrong is in <see cref="Libc.LastError"/> if the descriptor is not valid.</summary>
    public static FileDescriptor Create(int command, Span<byte> attributes) =>
        FileDescriptor.Own((int)Libc.syscall(_number, command, ref attributes[0], attributes.Length));

    public static Errno Do(int command, Span<byte> attributes) =>
        Libc.syscall(_number, command, ref attributes[0], attributes.Length) < 0 ? Libc.LastError : Errno.None;

    public static void Write(Span<byte> attributes, int offset, int value) => MemoryMarshal.Write(attributes[offset..], value);

    public static unsafe void Write(Span<byte> attributes, int offset, void* value) => MemoryMarshal.Write(attributes[offset..], (ulong)value);

    /// <summary>Writes a name that tools show, such as bpftool(8).</summary>
    public static void WriteName(Span<byte> attributes, int offset, string name) =>
        System.Text.Encoding.ASCII.GetBytes(name.AsSpan(0, Math.Min(name.Length, NameLength - 1)), attributes[offset..]);
}
