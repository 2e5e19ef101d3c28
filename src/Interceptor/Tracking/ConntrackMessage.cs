using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;
using static Middlebox.Interceptor.Queue.NfqueueConstants;
using static Middlebox.Interceptor.Tracking.ConntrackConstants;

namespace Middlebox.Interceptor.Tracking;

/// <summary>Writes one request to the kernel's connection tracking.</summary>
internal ref struct ConntrackMessage
{
    private readonly Span<byte> _buffer;

    /// <param name="buffer">At least 512 octets.</param>
    /// <param name="type">What is asked for.</param>
    /// <param name="flags">Beside NLM_F_REQUEST.</param>
    /// <param name="flow">The connection, as its first packet has it.</param>
    public ConntrackMessage(Span<byte> buffer, ushort type, ushort flags, in FlowKey flow)
    {
        _buffer = buffer;
        var header = Take(NLMSG_HDRLEN + NFGENMSG_LEN);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], (ushort)(NLM_F_REQUEST | flags));
        header[NLMSG_HDRLEN] = (byte)(flow.Client.Address.IsIpv4 ? Libc.AF_INET : Libc.AF_INET6);
        WriteTuple(CTA_TUPLE_ORIG, in flow);
    }

    /// <summary>Octets so far.</summary>
    public int Length { get; private set; }

    /// <summary>The addresses of the answers, before they are translated.</summary>
    public void WriteAnswers(in FlowKey flow) => WriteTuple(CTA_TUPLE_REPLY, flow.Reversed);

    public void WriteNumber(ushort type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Attribute(type, sizeof(uint)), value);

    /// <summary>What an end of the connection is translated to.</summary>
    /// <param name="type">CTA_NAT_SRC or CTA_NAT_DST.</param>
    /// <param name="address">The address.</param>
    /// <param name="port">The port; null leaves it to the kernel, which keeps the present one if it can.</param>
    public void WriteTranslation(ushort type, HostAddress address, PortNumber? port)
    {
        var translation = Begin(type);
        address.WriteTo(Attribute(address.IsIpv4 ? CTA_NAT_V4_MINIP : CTA_NAT_V6_MINIP, address.Length));
        address.WriteTo(Attribute(address.IsIpv4 ? CTA_NAT_V4_MAXIP : CTA_NAT_V6_MAXIP, address.Length));
        if (port is { } only)
        {
            var ports = Begin(CTA_NAT_PROTO);
            WritePort(CTA_PROTONAT_PORT_MIN, only);
            WritePort(CTA_PROTONAT_PORT_MAX, only);
            End(ports);
        }

        End(translation);
    }

    /// <summary>
    /// That both sides have begun the connection, and that the kernel, which does not know the windows that they have told each other, is not to judge its segments by them.
    /// </summary>
    public void WriteBegun()
    {
        var information = Begin(CTA_PROTOINFO);
        var tcp = Begin(CTA_PROTOINFO_TCP);
        Attribute(CTA_PROTOINFO_TCP_STATE, 1)[0] = TCP_CONNTRACK_SYN_RECV;
        WriteFlags(IP_CT_TCP_FLAG_SACK_PERM | IP_CT_TCP_FLAG_BE_LIBERAL);
        End(tcp);
        End(information);
    }

    /// <summary>That the kernel is not to judge the connection's segments by windows.</summary>
    public void WriteTrusted()
    {
        var information = Begin(CTA_PROTOINFO);
        var tcp = Begin(CTA_PROTOINFO_TCP);
        WriteFlags(IP_CT_TCP_FLAG_BE_LIBERAL);
        End(tcp);
        End(information);
    }

    /// <summary>The whole message.</summary>
    public readonly ReadOnlySpan<byte> Finish()
    {
        MemoryMarshal.Write(_buffer, (uint)Length);
        return _buffer[..Length];
    }

    /// <summary>Sets flags of both directions.</summary>
    private void WriteFlags(byte flags)
    {
        ReadOnlySpan<byte> flagsAndMask = [flags, flags];
        flagsAndMask.CopyTo(Attribute(CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, flagsAndMask.Length));
        flagsAndMask.CopyTo(Attribute(CTA_PROTOINFO_TCP_FLAGS_REPLY, flagsAndMask.Length));
    }

    private void WriteTuple(ushort type, in FlowKey flow)
    {
        var isIpv4 = flow.Client.Address.IsIpv4;
        var tuple = Begin(type);
        var addresses = Begin(CTA_TUPLE_IP);
        flow.Client.Address.WriteTo(Attribute(isIpv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, flow.Client.Address.Length));
        flow.Server.Address.WriteTo(Attribute(isIpv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, flow.Server.Address.Length));
        End(addresses);
        var protocol = Begin(CTA_TUPLE_PROTO);
        Attribute(CTA_PROTO_NUM, 1)[0] = Libc.IPPROTO_TCP;
        WritePort(CTA_PROTO_SRC_PORT, flow.Client.Port);
        WritePort(CTA_PROTO_DST_PORT, flow.Server.Port);
        End(protocol);
        End(tuple);
    }

    private void WritePort(ushort type, PortNumber port) => BinaryPrimitives.WriteUInt16BigEndian(Attribute(type, sizeof(ushort)), port.Value);

    private int Begin(ushort type)
    {
        var start = Length;
        MemoryMarshal.Write(Take(NLA_HDRLEN)[2..], (ushort)(type | NLA_F_NESTED));
        return start;
    }

    private readonly void End(int start) => MemoryMarshal.Write(_buffer[start..], (ushort)(Length - start));

    private Span<byte> Attribute(ushort type, int length)
    {
        var attribute = Take(NLA_HDRLEN + Align(length));
        MemoryMarshal.Write(attribute, (ushort)(NLA_HDRLEN + length));
        MemoryMarshal.Write(attribute[2..], type);
        return attribute.Slice(NLA_HDRLEN, length);
    }

    private Span<byte> Take(int length)
    {
        var taken = _buffer.Slice(Length, length);
        taken.Clear();
        Length += length;
        return taken;
    }
}
