using System.Runtime.InteropServices;
using System.Text;

namespace Middlebox.Native.Bpf;

/// <summary>A program for packets that arrive at a device (BPF_PROG_TYPE_SCHED_CLS), which the kernel has checked and compiled.</summary>
public sealed class BpfProgram : IDisposable
{
    private const int BPF_PROG_TYPE_SCHED_CLS = 3;
    private const int BPF_TCX_INGRESS = 46;
    private const int LogLength = 64 * 1024;

    // Of struct __sk_buff.
    private const int ContextLength = 184;
    private const int ContextDevice = 40;

    // Some of the kernel's functions are only for programs that may be used under the GPL.
    private static readonly byte[] _license = "Dual BSD/GPL\0"u8.ToArray();

    private readonly FileDescriptor _descriptor;

    /// <param name="name">That tools show: 15 letters, digits and underscores at most.</param>
    /// <param name="code">The program.</param>
    /// <exception cref="ErrnoException">EPERM: CAP_BPF and CAP_NET_ADMIN are needed. EACCES or EINVAL: the kernel does not take the program; the message says why.</exception>
    public unsafe BpfProgram(string name, BpfAssembler code)
    {
        var instructions = code.Assemble();
        var log = new byte[LogLength];
        Span<byte> attributes = stackalloc byte[BpfCall.AttributesLength];
        fixed (ulong* instructionsAddress = instructions)
        fixed (byte* licenseAddress = _license, logAddress = log)
        {
            attributes.Clear();
            BpfCall.Write(attributes, 0, BPF_PROG_TYPE_SCHED_CLS);
            BpfCall.Write(attributes, 4, instructions.Length);
            BpfCall.Write(attributes, 8, instructionsAddress);
            BpfCall.Write(attributes, 16, licenseAddress);
            BpfCall.WriteName(attributes, 48, name);
            _descriptor = BpfCall.Create(BpfCall.BPF_PROG_LOAD, attributes);
            if (!_descriptor.IsInvalid)
                return;
            // Once more, for the reason: a log that is always asked for has to be long enough for all that the kernel has to say.
            BpfCall.Write(attributes, 24, 1);
            BpfCall.Write(attributes, 28, log.Length);
            BpfCall.Write(attributes, 32, logAddress);
            _descriptor = BpfCall.Create(BpfCall.BPF_PROG_LOAD, attributes);
        }

        if (_descriptor.IsInvalid)
            throw ErrnoException.Last("bpf", $"BPF_PROG_LOAD {Encoding.ASCII.GetString(log).TrimEnd('\0', '\n')}".TrimEnd());
    }

    /// <summary>Has all packets that arrive at a device go through the program first, until the descriptor is closed or the device is gone.</summary>
    /// <param name="device">Index of the device.</param>
    /// <returns>Not valid if that cannot be had, and then the reason is in <see cref="Libc.LastError"/>: EINVAL for a kernel before 6.6.</returns>
    public FileDescriptor Attach(int device)
    {
        Span<byte> attributes = stackalloc byte[BpfCall.AttributesLength];
        attributes.Clear();
        BpfCall.Write(attributes, 0, _descriptor.Number);
        BpfCall.Write(attributes, 4, device);
        BpfCall.Write(attributes, 8, BPF_TCX_INGRESS);
        return BpfCall.Create(BpfCall.BPF_LINK_CREATE, attributes);
    }

    /// <summary>Has the kernel run the program once, for a packet that it makes of these octets and forgets.</summary>
    /// <param name="device">Index of the device at which the packet is to have arrived.</param>
    /// <param name="frame">The frame, with its header of 14 octets.</param>
    /// <param name="result">As long as the frame; what the program has made of it.</param>
    /// <param name="returned">What it has returned.</param>
    public unsafe Errno Try(int device, ReadOnlySpan<byte> frame, Span<byte> result, out int returned)
    {
        Span<byte> attributes = stackalloc byte[BpfCall.AttributesLength];
        attributes.Clear();
        Span<byte> context = stackalloc byte[ContextLength];
        context.Clear();
        BpfCall.Write(context, ContextDevice, device);
        BpfCall.Write(attributes, 0, _descriptor.Number);
        BpfCall.Write(attributes, 8, frame.Length);
        BpfCall.Write(attributes, 12, result.Length);
        BpfCall.Write(attributes, 40, context.Length);
        Errno error;
        fixed (byte* frameAddress = frame, resultAddress = result, contextAddress = context)
        {
            BpfCall.Write(attributes, 16, frameAddress);
            BpfCall.Write(attributes, 24, resultAddress);
            BpfCall.Write(attributes, 48, contextAddress);
            error = BpfCall.Do(BpfCall.BPF_PROG_TEST_RUN, attributes);
        }

        returned = MemoryMarshal.Read<int>(attributes[4..]);
        return error;
    }

    public void Dispose() => _descriptor.Dispose();
}
