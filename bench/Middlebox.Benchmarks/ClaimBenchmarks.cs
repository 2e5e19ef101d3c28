using BenchmarkDotNet.Attributes;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Benchmarks;

/// <summary>Checking the signed claim of a SYN, and of a SYN/ACK whose proxy is the last of those known.</summary>
public class ClaimBenchmarks
{
    private readonly ExplicitSettings _settings;
    private readonly byte[] _syn;
    private readonly byte[] _synAck;

    public ClaimBenchmarks()
    {
        var keys = new SharedKeys(new Dictionary<byte, byte[]> { [1] = new byte[32] }, 1, [1, 2]);
        _settings = new ExplicitSettings(1, 4, ClaimCarrier.Option, keys, AcceptUnsigned: false);
        var other = new ProxyClaim(2, 7);
        var plain = Segments.Read(Segments.Syn());
        _syn = PacketBuilder.LinuxMptcpSyn(Segments.Client, Segments.Server).Isn(1)
            .Option(SynClaims.Write(plain.FlowFromClient, plain.Sequence, other, keys).Bytes.ToArray()).Build();
        var unclaimed = SynAck().Build();
        var answer = Segments.Read(unclaimed);
        var options = HandshakeOptions.Read(answer.Options);
        SynAckClaims.TryWrite(in answer, in options, other, keys, out var option);
        _synAck = SynAck().Option(option.Bytes).Build();
        if (!CheckSyn() || !CheckSynAck())
            throw new InvalidOperationException("The claims of the benchmark do not stand the check.");
    }

    [Benchmark]
    public bool CheckSyn()
    {
        var syn = Segments.Read(_syn);
        var options = HandshakeOptions.Read(syn.Options);
        return SynClaims.Read(in syn, in options, _settings, out _) == ClaimFinding.Valid;
    }

    [Benchmark]
    public bool CheckSynAck()
    {
        var synAck = Segments.Read(_synAck);
        var options = HandshakeOptions.Read(synAck.Options);
        return SynAckClaims.Read(in synAck, in options, _settings.Keys, acceptUnsigned: false, out _) == ClaimFinding.Valid;
    }

    private static PacketBuilder SynAck() =>
        PacketBuilder.SynAck(Segments.Server, Segments.Client).Isn(9).Acknowledging(2).Mss(1460).MpCapable(0x0102030405060708UL);
}
