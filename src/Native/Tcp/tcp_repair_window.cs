using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct tcp_repair_window of linux/tcp.h; sequence numbers and windows in host byte order, unscaled bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct tcp_repair_window
{
    public uint snd_wl1;
    public uint snd_wnd;
    public uint max_window;
    public uint rcv_wnd;
    public uint rcv_wup;
}
