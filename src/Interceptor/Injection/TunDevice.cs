using Middlebox.Native;

namespace Middlebox.Interceptor.Injection;

/// <summary>
/// The TUN device through which packets enter the box's own kernel as if they had just arrived. It exists as long as this
/// object, so that nothing of it survives a crash. Any thread may send: a write is one packet.
/// </summary>
public sealed class TunDevice : IPacketSink, IDisposable
{
    private readonly FileDescriptor _descriptor;

    /// <exception cref="ErrnoException">
    /// ENOENT: the kernel has no TUN driver. EPERM: not privileged. EBUSY: another process has the device.
    /// </exception>
    public TunDevice(string name) => _descriptor = TunDescriptor.Open(name);

    public bool TrySend(ReadOnlySpan<byte> packet) => Libc.write(_descriptor, in packet[0], packet.Length) == packet.Length;

    public void Dispose() => _descriptor.Dispose();
}
