using BenchmarkDotNet.Attributes;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Benchmarks;

/// <summary>What it takes to read the SYN that Linux sends, and to take MP_CAPABLE out of it.</summary>
public class CodecBenchmarks
{
    private readonly byte[] _syn = Segments.Syn();
    private readonly byte[] _buffer = Segments.Syn();

    [Benchmark]
    public int ReadSyn()
    {
        TcpPacket.Read(_syn, out var segment);
        var options = HandshakeOptions.Read(segment.Options);
        return segment.FlowFromClient.GetHashCode() ^ options.MpCapableOffset;
    }

    [Benchmark]
    public void BlankMpCapable()
    {
        _syn.CopyTo(_buffer, 0);
        TcpPacket.Read(_buffer, out var segment);
        var options = HandshakeOptions.Read(segment.Options);
        TcpPacketEditor.BlankOption(_buffer, segment.TcpOffset, options.MpCapableOffset, options.MpCapableLength);
    }
}
