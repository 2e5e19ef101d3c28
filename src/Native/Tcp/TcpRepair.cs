namespace Middlebox.Native;

/// <summary>Values of the socket options with which a connection is restored, from linux/tcp.h.</summary>
public static class TcpRepair
{
    public const int TCP_REPAIR_ON = 1;

    /// <summary>Leaves repair mode without the window probe that the kernel would send otherwise.</summary>
    public const int TCP_REPAIR_OFF_NO_WP = -1;

    public const int TCP_RECV_QUEUE = 1;
    public const int TCP_SEND_QUEUE = 2;
}
