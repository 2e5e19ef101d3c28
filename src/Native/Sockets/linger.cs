using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct linger of socket(7).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct linger
{
    public int l_onoff;

    /// <summary>Seconds; 0 makes close(2) reset the connection.</summary>
    public int l_linger;
}
