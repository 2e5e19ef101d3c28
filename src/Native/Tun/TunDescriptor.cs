namespace Middlebox.Native;

/// <summary>Descriptors of TUN devices: a read or a write is one IP packet, and the device lives as long as the descriptor.</summary>
public static class TunDescriptor
{
    /// <summary>Makes a TUN device in the network namespace of the calling thread, or takes one that nobody has open. Never blocks.</summary>
    /// <exception cref="ErrnoException">
    /// ENOENT: the kernel has no TUN driver. EPERM: not privileged. EBUSY: another process has the device.
    /// </exception>
    public static FileDescriptor Open(string name)
    {
        var descriptor = Libc.open("/dev/net/tun", Libc.O_RDWR | Libc.O_NONBLOCK | Libc.O_CLOEXEC);
        if (descriptor.IsInvalid)
            throw ErrnoException.Last("open", "/dev/net/tun");
        var request = new ifreq(name, Libc.IFF_TUN | Libc.IFF_NO_PI);
        if (Libc.ioctl(descriptor, Libc.TUNSETIFF, ref request) < 0)
        {
            var error = ErrnoException.Last("ioctl TUNSETIFF", name);
            descriptor.Dispose();
            throw error;
        }

        return descriptor;
    }
}
