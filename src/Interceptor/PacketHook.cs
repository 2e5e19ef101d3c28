namespace Middlebox.Interceptor;

/// <summary>Where in the kernel a packet was queued (linux/netfilter.h, NF_INET_*).</summary>
internal enum PacketHook : byte
{
    Forward = 2,

    /// <summary>Made by the box itself.</summary>
    LocalOut = 3,
}
