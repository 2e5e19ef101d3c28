using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary><c>struct statx</c> (statx(2)), the same on every architecture; of its 256 bytes what is used here.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
public struct statx
{
    [FieldOffset(20)]
    public uint stx_uid;

    [FieldOffset(28)]
    public ushort stx_mode;
}
