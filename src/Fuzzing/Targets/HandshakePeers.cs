using Middlebox.Fuzzing.Oracles;
using Middlebox.Interceptor.Injection;
using Middlebox.Negotiation;

namespace Middlebox.Fuzzing.Targets;

/// <summary>Stands in the places of relay, kernel and network: takes everything, and requires that every packet sent by the box itself is sound.</summary>
internal sealed class HandshakePeers : IHandshakeTaker, IPacketSink
{
    private readonly HashSet<Handshake> _open = [];

    /// <summary>Packets sent so far.</summary>
    public int Sent { get; private set; }

    /// <summary>Handshakes taken or dialled so far.</summary>
    public int Taken { get; private set; }

    /// <summary>Handshakes that were neither given up nor have come to anything.</summary>
    public IReadOnlyCollection<Handshake> Open => _open;

    /// <summary>The dial that has waited for longest, and whom to tell.</summary>
    public Queue<(Handshake Handshake, IDialObserver Observer)> Dials { get; } = new();

    public bool TryTake(Handshake handshake, out Reason refusal)
    {
        refusal = Reason.None;
        Taken++;
        OracleException.Require(_open.Add(handshake), "taken twice");
        return true;
    }

    public bool TryDial(Handshake handshake, IDialObserver observer, out Reason refusal)
    {
        Dials.Enqueue((handshake, observer));
        return TryTake(handshake, out refusal);
    }

    public void GiveUp(Handshake handshake) => OracleException.Require(_open.Remove(handshake), "given up without having been taken");

    public bool TrySend(ReadOnlySpan<byte> packet)
    {
        Sent++;
        var reading = PlainReader.Read(packet.ToArray());
        OracleException.Require(reading.Defect == "None" && reading.Length == packet.Length, $"sent what is no packet: {Convert.ToHexString(packet)}");
        return true;
    }
}
