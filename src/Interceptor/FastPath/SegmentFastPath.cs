using System.Net.NetworkInformation;
using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.Native.Bpf;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.FastPath;

/// <summary>
/// Has segments of connections that the kernel relays by translation carried from device to device by a <see cref="RelayProgram"/>. Owned by one thread, in whose network namespace
/// the devices are.
/// </summary>
/// <remarks>
/// Whatever happens to it, the connections go on by the kernel's own translation, which stays as it was made: when this process dies, the kernel takes the program from the devices;
/// entries that find no room replace others.
/// </remarks>
internal sealed class SegmentFastPath : IRelayFastPath, IDisposable
{
    /// <summary>Entries of each family, two for a connection; some 5 MB for IPv4 and 6 MB for IPv6.</summary>
    private const int Capacity = 32_768;

    private readonly BpfMap _ipv4;
    private readonly BpfMap _ipv6;
    private readonly BpfProgram _program;
    private readonly LinkEventSocket _events;
    private readonly Dictionary<int, FileDescriptor> _devices = [];
    private readonly ILogger _logger;

    /// <exception cref="ErrnoException">EPERM: CAP_BPF and CAP_NET_ADMIN are needed. Others: this kernel cannot do it.</exception>
    private SegmentFastPath(ILogger logger)
    {
        _logger = logger;
        _ipv4 = new BpfMap("mbx_relay4", FastPathEntry.KeyLength(isIpv4: true), FastPathEntry.Length, Capacity);
        _ipv6 = new BpfMap("mbx_relay6", FastPathEntry.KeyLength(isIpv4: false), FastPathEntry.Length, Capacity);
        _program = new BpfProgram("mbx_relay", RelayProgram.Build(_ipv4, _ipv6));
        _events = new LinkEventSocket();
        AttachToDevices();
    }

    /// <summary>The fast path, or null where it cannot be had, which the log tells.</summary>
    public static SegmentFastPath? TryOpen(ILogger logger)
    {
        try
        {
            var path = new SegmentFastPath(logger);
            if (path.Devices > 0 || path._devices.Count == 0)
            {
                FastPathLog.Attached(logger, path.Devices);
                return path;
            }

            path.Dispose();
            FastPathLog.Unavailable(logger, "no device takes a program, for which Linux 6.6 or later is needed");
            return null;
        }
        catch (ErrnoException failure)
        {
            FastPathLog.Unavailable(logger, failure.Message);
            return null;
        }
    }

    /// <summary>Devices that the program is at.</summary>
    public int Devices => _devices.Values.Count(link => !link.IsInvalid);

    public void Carry(in FlowKey addressed, in FlowKey translated)
    {
        Carry(addressed.Client, addressed.Server, translated.Client, translated.Server);
        Carry(translated.Server, translated.Client, addressed.Server, addressed.Client);
    }

    public void Round()
    {
        if (_events.Drain())
            AttachToDevices();
    }

    public void Dispose()
    {
        foreach (var link in _devices.Values)
            link.Dispose();
        _events.Dispose();
        _program.Dispose();
        _ipv4.Dispose();
        _ipv6.Dispose();
    }

    private void Carry(HostEndpoint from, HostEndpoint to, HostEndpoint newFrom, HostEndpoint newTo)
    {
        var map = from.Address.IsIpv4 ? _ipv4 : _ipv6;
        Span<byte> key = stackalloc byte[FastPathEntry.KeyLength(from.Address.IsIpv4)];
        Span<byte> entry = stackalloc byte[FastPathEntry.Length];
        FastPathEntry.WriteKey(key, from, to);
        FastPathEntry.Write(entry, key, newFrom, newTo);
        // Without an entry the rules carry it.
        _ = map.Set(key, entry);
    }

    private void AttachToDevices()
    {
        HashSet<int> present = [];
        foreach (var device in NetworkInterface.GetAllNetworkInterfaces())
        {
            // 0 if it has gone meanwhile.
            if (device.NetworkInterfaceType is not (NetworkInterfaceType.Ethernet or NetworkInterfaceType.Wireless80211) || (int)Libc.if_nametoindex(device.Name) is not (> 0 and var index))
                continue;
            present.Add(index);
            if (_devices.ContainsKey(index))
                continue;
            var link = _program.Attach(index);
            if (link.IsInvalid)
                FastPathLog.DeviceWithout(_logger, device.Name, Libc.LastError);
            _devices.Add(index, link);
        }

        foreach (var gone in _devices.Keys.Except(present).ToList())
        {
            _devices[gone].Dispose();
            _devices.Remove(gone);
        }
    }
}
