using Middlebox.Native;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Emulation;

/// <summary>
/// One end of an emulated link: a TUN device of a host. It offers no offload, so the kernel hands over packets as they go onto a wire, none longer than the
/// MTU and each with its checksum; a loss is the loss of one of them. Used by one thread.
/// </summary>
internal sealed class EmulatedDevice : IDisposable
{
    /// <exception cref="IOException">There is no such namespace, or no TUN device can be had.</exception>
    public EmulatedDevice(string networkNamespace, string name) =>
        Descriptor = NetworkNamespace.Run(networkNamespace, () => TunDescriptor.Open(name));

    /// <summary>Readable when the host has sent something.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Takes the next packet that the host has sent.</summary>
    /// <param name="buffer">Receives it.</param>
    /// <param name="bytes">Its length; 0 if there is none.</param>
    /// <returns>False if the device is gone.</returns>
    public bool TryReceive(Span<byte> buffer, out int bytes)
    {
        var count = Libc.read(Descriptor, ref buffer[0], buffer.Length);
        bytes = (int)Math.Max(count, 0);
        return count >= 0 || Libc.LastError is Errno.EAGAIN or Errno.EINTR;
    }

    /// <summary>Lets a packet arrive at the host. A host that is just being taken down takes none.</summary>
    public void Deliver(ReadOnlySpan<byte> packet) => _ = Libc.write(Descriptor, in packet[0], packet.Length);

    public void Dispose() => Descriptor.Dispose();
}
