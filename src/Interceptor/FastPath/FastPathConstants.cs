namespace Middlebox.Interceptor.FastPath;

/// <summary>Numbers of the kernel's interface for programs at devices: linux/bpf.h. Offsets are those of struct __sk_buff and struct bpf_fib_lookup.</summary>
internal static class FastPathConstants
{
    public const int SkbLength = 0;
    public const int SkbPacketType = 4;
    public const int SkbProtocol = 16;
    public const int SkbVlanPresent = 20;
    public const int SkbDevice = 40;
    public const int SkbData = 76;
    public const int SkbDataEnd = 80;
    public const int SkbSegmentSize = 176;

    public const int RouteFamily = 0;
    public const int RouteProtocol = 1;
    public const int RouteSourcePort = 2;
    public const int RouteTotalLength = 6;
    public const int RouteDevice = 8;
    public const int RouteTypeOfService = 12;
    public const int RouteSource = 16;
    public const int RouteDestination = 32;
    public const int RouteOwnHardware = 52;
    public const int RouteNextHardware = 58;
    public const int RouteParametersLength = 64;

    public const int MapLookup = 1;
    public const int MapDelete = 3;
    public const int StoreBytes = 9;
    public const int ReplaceHeaderChecksum = 10;
    public const int ReplaceTcpChecksum = 11;
    public const int Redirect = 23;
    public const int LookUpRoute = 69;
    public const int CoarseNanoseconds = 160;

    /// <summary>BPF_F_PSEUDO_HDR: what has changed is in the pseudo-header of TCP's checksum.</summary>
    public const int PseudoHeader = 0x10;

    /// <summary>BPF_F_RECOMPUTE_CSUM: the checksum that the device has made of the whole packet changes with what is written.</summary>
    public const int RecomputeChecksum = 0x1;

    /// <summary>TCX_NEXT: whoever comes next at this device, in the end the kernel itself.</summary>
    public const int PassOn = -1;

    /// <summary>TCX_DROP.</summary>
    public const int Drop = 2;
}
