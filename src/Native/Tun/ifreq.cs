using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Middlebox.Native;

/// <summary>struct ifreq of netdevice(7), with the flags of its union.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
public struct ifreq
{
    /// <summary>IFNAMSIZ: bytes of a device's name including the final zero.</summary>
    public const int IFNAMSIZ = 16;

    private NameBytes ifr_name;

    public short ifr_flags;

    /// <exception cref="ArgumentException">The name is empty or longer than 15 bytes.</exception>
    public ifreq(string name, short flags)
    {
        var length = Encoding.ASCII.GetByteCount(name);
        if (length is 0 or >= IFNAMSIZ)
            throw new ArgumentException($"A device name has 1 to {IFNAMSIZ - 1} bytes: '{name}'.", nameof(name));
        Encoding.ASCII.GetBytes(name, ifr_name);
        ifr_flags = flags;
    }

    [InlineArray(IFNAMSIZ)]
    private struct NameBytes
    {
        private byte _first;
    }
}
