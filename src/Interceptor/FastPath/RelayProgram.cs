using System.Buffers.Binary;
using Middlebox.Native;
using Middlebox.Native.Bpf;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;
using static Middlebox.Interceptor.FastPath.FastPathConstants;
using static Middlebox.Native.Bpf.BpfCondition;
using static Middlebox.Native.Bpf.BpfRegister;
using static Middlebox.Native.Bpf.BpfSize;

namespace Middlebox.Interceptor.FastPath;

/// <summary>
/// The program that segments of relayed connections go through where they arrive: it translates them by their <see cref="FastPathEntry"/>, asks the kernel for the route, and sends
/// them on from there. Run by the kernel for each packet (or for as many as it has put together), before any rule.
/// </summary>
/// <remarks>
/// <para>It does what translation and forwarding would, for segments in the middle of a connection. All others go the kernel's way: beginnings and ends, which end the entry too, IP options,
/// fragments, expired hop counts, tagged frames, what has no route, no known neighbour or no room on the next link. So errors, ARP and the like stay with the kernel.</para>
/// <para>Once in half a minute a segment is left to the kernel's own tracking, which otherwise forgets the connection, and to its forwarding, which otherwise does not ask again where the next hop is.</para>
/// </remarks>
internal static class RelayProgram
{
    private const int HardwareAddressLength = 6;
    private const int FrameHeaderLength = (2 * HardwareAddressLength) + sizeof(ushort);
    private const int EtherTypeIpv4 = 0x0800;
    private const int EtherTypeIpv6 = 0x86DD;

    private const int Ipv4WithoutOptions = 0x45;
    private const int MoreFragmentsOrOffset = 0x3FFF;

    // In 2^30 ns.
    private const int TrackedEvery = 30;

    // On the stack: the key, the question for the route, and what is to be written.
    private const int Key = -40;
    private const int Route = Key - RouteParametersLength;
    private const int Scratch = Route - 16;

    private const string Pass = "pass";
    private const string Lost = "lost";

    /// <summary>The program, with the tables that it looks in.</summary>
    public static BpfAssembler Build(BpfMap ipv4, BpfMap ipv6)
    {
        var code = new BpfAssembler();
        code.Move(R6, R1)
            .Load(Bits32, R0, R6, SkbPacketType).Jump(Pass, R0, NotEqual, 0)
            .Load(Bits32, R0, R6, SkbVlanPresent).Jump(Pass, R0, NotEqual, 0)
            .Load(Bits32, R0, R6, SkbProtocol)
            .Load(Bits32, R2, R6, SkbData)
            .Load(Bits32, R3, R6, SkbDataEnd)
            .Jump("ipv4", R0, Equal, NetworkOrder(EtherTypeIpv4))
            .Jump("ipv6", R0, Equal, NetworkOrder(EtherTypeIpv6))
            .Jump(Pass);
        Translate(code.Label("ipv4"), "ipv4", ipv4, isIpv4: true);
        Translate(code.Label("ipv6"), "ipv6", ipv6, isIpv4: false);
        return code
            .Label(Pass).Move(R0, PassOn).Exit()
            .Label(Lost).Move(R0, Drop).Exit();
    }

    // R6 the packet, R7 its entry, R8 the hop count, R9 the length of its headers.
    private static void Translate(BpfAssembler code, string family, BpfMap map, bool isIpv4)
    {
        var header = isIpv4 ? IpConstants.Ipv4MinimumHeaderLength : IpConstants.Ipv6HeaderLength;
        var tcp = FrameHeaderLength + header;
        var addresses = FrameHeaderLength + (isIpv4 ? IpConstants.Ipv4SourceOffset : IpConstants.Ipv6SourceOffset);
        var hops = FrameHeaderLength + (isIpv4 ? IpConstants.Ipv4TimeToLiveOffset : IpConstants.Ipv6HopLimitOffset);
        var keyLength = FastPathEntry.KeyLength(isIpv4);
        var ports = keyLength - sizeof(uint);
        var ending = $"{family} ending";

        code.Move(R0, R2).Add(R0, tcp + TcpConstants.WindowOffset).Jump(Pass, R0, Greater, R3);
        if (isIpv4)
        {
            code.Load(Bits8, R0, R2, FrameHeaderLength).Jump(Pass, R0, NotEqual, Ipv4WithoutOptions)
                .Load(Bits16, R0, R2, FrameHeaderLength + IpConstants.Ipv4FragmentOffset).Jump(Pass, R0, AnyBit, NetworkOrder(MoreFragmentsOrOffset))
                .Load(Bits8, R0, R2, FrameHeaderLength + IpConstants.Ipv4ProtocolOffset);
        }
        else
        {
            code.Load(Bits8, R0, R2, FrameHeaderLength + IpConstants.Ipv6NextHeaderOffset);
        }

        code.Jump(Pass, R0, NotEqual, Libc.IPPROTO_TCP)
            .Load(Bits8, R8, R2, hops).Jump(Pass, R8, Less, 2)
            .Load(Bits8, R9, R2, tcp + TcpConstants.DataOffsetOffset).ShiftRight(R9, 4).ShiftLeft(R9, 2).Add(R9, header);
        for (var offset = 0; offset < keyLength; offset += sizeof(uint))
            code.Load(Bits32, R0, R2, addresses + offset).Store(Bits32, Stack, Key + offset, R0);
        for (var offset = 0; offset < RouteParametersLength; offset += sizeof(ulong))
            code.StoreValueAt(Bits64, Stack, Route + offset, 0);
        if (isIpv4)
            code.Load(Bits8, R0, R2, FrameHeaderLength + IpConstants.Ipv4TrafficClassOffset).Store(Bits8, Stack, Route + RouteTypeOfService, R0);
        code.Load(Bits8, R0, R2, tcp + TcpConstants.FlagsOffset).Jump(ending, R0, AnyBit, (int)(TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst))
            .Load(R1, map).Move(R2, Stack).Add(R2, Key).Call(MapLookup).Jump(Pass, R0, Equal, 0)
            .Move(R7, R0)
            .Call(CoarseNanoseconds).ShiftRight(R0, 30)
            .Load(Bits64, R1, R7, FastPathEntry.LastTracked).Move(R2, R0).Subtract(R2, R1).Jump($"{family} tracked", R2, Greater, TrackedEvery);
        FindRoute(code, family, isIpv4, ports);
        Rewrite(code, isIpv4, header, addresses, hops, ports);
        code.Load(Bits32, R1, Stack, Route + RouteDevice).Move(R2, 0).Call(Redirect).Exit()
            .Label($"{family} tracked").Store(Bits64, R7, FastPathEntry.LastTracked, R0).Jump(Pass)
            .Label(ending).Load(R1, map).Move(R2, Stack).Add(R2, Key).Call(MapDelete).Jump(Pass);
    }

    private static void FindRoute(BpfAssembler code, string family, bool isIpv4, int ports)
    {
        var length = isIpv4 ? HostAddress.Ipv4Length : HostAddress.Ipv6Length;
        code.StoreValueAt(Bits8, Stack, Route + RouteFamily, isIpv4 ? Libc.AF_INET : Libc.AF_INET6)
            .StoreValueAt(Bits8, Stack, Route + RouteProtocol, Libc.IPPROTO_TCP)
            // As the kernel does, which asks between the translations of both ends: from the source as it is to the destination as it is going to be.
            .Load(Bits16, R0, Stack, Key + ports).Store(Bits16, Stack, Route + RouteSourcePort, R0)
            .Load(Bits16, R0, R7, ports + sizeof(ushort)).Store(Bits16, Stack, Route + RouteSourcePort + sizeof(ushort), R0);
        for (var offset = 0; offset < length; offset += sizeof(uint))
        {
            code.Load(Bits32, R0, Stack, Key + offset).Store(Bits32, Stack, Route + RouteSource + offset, R0)
                .Load(Bits32, R0, R7, length + offset).Store(Bits32, Stack, Route + RouteDestination + offset, R0);
        }

        // What must fit the next link: the packet, or each of those that it is going to be cut into.
        code.Load(Bits32, R0, R6, SkbSegmentSize).Jump($"{family} cut", R0, NotEqual, 0)
            .Load(Bits32, R9, R6, SkbLength).Add(R9, -FrameHeaderLength)
            .Label($"{family} cut").Add(R0, R9).Store(Bits16, Stack, Route + RouteTotalLength, R0)
            .Load(Bits32, R0, R6, SkbDevice).Store(Bits32, Stack, Route + RouteDevice, R0)
            .Move(R1, R6).Move(R2, Stack).Add(R2, Route).Move(R3, RouteParametersLength).Move(R4, 0).Call(LookUpRoute)
            .Jump(Pass, R0, NotEqual, 0);
    }

    /// <summary>From the second call on the packet has changed, and cannot be left to the kernel: should one fail, it is lost, and TCP repeats it.</summary>
    private static void Rewrite(BpfAssembler code, bool isIpv4, int header, int addresses, int hops, int ports)
    {
        var checksum = FrameHeaderLength + header + TcpConstants.ChecksumOffset;
        code.Load(Bits32, R4, R7, FastPathEntry.AddressDifference);
        Call(code, ReplaceTcpChecksum, checksum, PseudoHeader).Jump(Pass, R0, NotEqual, 0)
            .Load(Bits32, R4, R7, FastPathEntry.PortDifference);
        Call(code, ReplaceTcpChecksum, checksum, flags: 0).Jump(Lost, R0, NotEqual, 0);
        if (isIpv4)
        {
            code.Load(Bits32, R4, R7, FastPathEntry.HeaderDifference);
            Call(code, ReplaceHeaderChecksum, FrameHeaderLength + IpConstants.Ipv4ChecksumOffset, flags: 0).Jump(Lost, R0, NotEqual, 0);
        }

        // IPv4's own checksum makes up for what changes in its header; a device's checksum of the whole packet has to be told of changes to IPv6's.
        var recompute = isIpv4 ? 0 : RecomputeChecksum;
        code.Add(R8, -1).Store(Bits8, Stack, Scratch, R8);
        WriteFrom(code, Stack, Scratch, hops, 1, recompute);
        WriteFrom(code, R7, 0, addresses, ports, recompute);
        WriteFrom(code, R7, ports, addresses + ports, sizeof(uint), flags: 0);
        for (var offset = 0; offset < HardwareAddressLength; offset += sizeof(ushort))
        {
            code.Load(Bits16, R0, Stack, Route + RouteNextHardware + offset).Store(Bits16, Stack, Scratch + offset, R0)
                .Load(Bits16, R0, Stack, Route + RouteOwnHardware + offset).Store(Bits16, Stack, Scratch + HardwareAddressLength + offset, R0);
        }

        WriteFrom(code, Stack, Scratch, 0, 2 * HardwareAddressLength, flags: 0);
    }

    /// <summary>Adds the difference in R4 to a checksum.</summary>
    private static BpfAssembler Call(BpfAssembler code, int function, int offset, int flags) =>
        code.Move(R1, R6).Move(R2, offset).Move(R3, 0).Move(R5, flags).Call(function);

    private static void WriteFrom(BpfAssembler code, BpfRegister source, int at, int offset, int length, int flags) => code
        .Move(R1, R6).Move(R2, offset).Move(R3, source).Add(R3, at).Move(R4, length).Move(R5, flags).Call(StoreBytes)
        .Jump(Lost, R0, NotEqual, 0);

    private static int NetworkOrder(int value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness((ushort)value) : value;
}
