using Middlebox.Negotiation;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.ProxyEngine.Tests.Relay;

/// <summary>Handshakes to act on, as a negotiator makes them of a SYN and a legacy server's SYN/ACK.</summary>
internal static class Handshakes
{
    public static Handshake Create(string client = "198.18.1.2:40000", string server = "198.18.9.2:80")
    {
        var options = new NegotiationOptions();
        var time = new ManualTimeProvider();
        var dropping = new DroppingServers(options.MaxDroppingServers, options.DroppingServerLifetime, time);
        var policy = new PolicyTable([], PolicyAction.Serve);
        var negotiator = new Negotiator(new NegotiationState(options, policy, null, dropping, new ServerCapabilities(options, time), new ServedTokens(time), new RelayedFlows(time)), 1, 1, time);

        var syn = PacketBuilder.LinuxMptcpSyn(client, server).Build();
        TcpPacket.Read(syn, out var request);
        negotiator.Decide(in request);
        TcpPacket.Read(PacketBuilder.SynAckFor(syn).Mss(1460).Build(), out var answer);
        return negotiator.Decide(in answer).Handshake!;
    }
}
