using Middlebox.Interceptor.Injection;
using Middlebox.Negotiation;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Interceptor.Addressed;

/// <summary>Delivers the MP_JOINs of hosts, to the address of the box that they know, to the box's own kernel. Owned by one thread.</summary>
/// <param name="tokens">The connections that the box terminates.</param>
/// <param name="kernel">Where its own kernel takes packets.</param>
/// <param name="deferred">Joins that have overtaken the news of their connections.</param>
/// <param name="history">Where decisions are remembered.</param>
internal sealed class AddressedJoins(ServedTokens tokens, IPacketSink kernel, DeferredPackets deferred, DecisionHistory history)
{
    /// <summary>Handles the SYN of a subflow.</summary>
    /// <returns>True if it is the box's and to be dropped; false if it is of no connection of the box.</returns>
    public bool TryDeliver(in TcpPacket syn, uint token)
    {
        var destination = syn.Destination;
        if (tokens.Serves(token, in destination))
        {
            Deliver(in syn);
            return true;
        }

        if (tokens.IsExpectedFor(in destination) && deferred.TryKeep(syn.Bytes))
            return true;
        history.Add(in syn, new Decision(Verdict.Refuse, Reason.ForeignJoin));
        return false;
    }

    /// <summary>Asks again about those that were kept. To be called some ten times a second; one of which nothing is learnt is repeated by the host.</summary>
    public void Round()
    {
        for (var remaining = deferred.Count; remaining > 0; remaining--)
        {
            var kept = deferred.Take();
            if (TcpPacket.Read(kept.Bytes, out var syn) != PacketDefect.None)
                continue;
            var destination = syn.Destination;
            if (tokens.Serves(HandshakeOptions.Read(syn.Options).MpJoinToken, in destination))
                Deliver(in syn);
            else if (!deferred.HasExpired(kept))
                deferred.Return(kept);
            else
                history.Add(in syn, new Decision(Verdict.Discard, Reason.JoinUnresolved));
        }
    }

    private void Deliver(in TcpPacket syn)
    {
        history.Add(in syn, new Decision(Verdict.Divert, Reason.OwnJoin));
        // One that is lost is repeated.
        _ = kernel.TrySend(syn.Bytes);
    }
}
