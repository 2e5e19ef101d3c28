using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.ProxyEngine.Dialling;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine.Adoption;

/// <summary>
/// Gets the connection to the server for a client that has completed its handshake: one that was dialled, or the half that the server has opened.
/// Called by the relay threads.
/// </summary>
/// <exception cref="ErrnoException">There is no raw socket to be had.</exception>
internal sealed class ServerLegs(ProxyEngineOptions options, uint mark, ServerDialler dialler, ILogger logger) : IDisposable
{
    private readonly RawPacketSocket _raw = new(mark);

    /// <returns>Null if it came to nothing; the server has been told then, and the handshake is settled.</returns>
    public FileDescriptor? Obtain(Handshake handshake) => handshake.IsDialled ? TakeDialled(handshake) : Adopt(handshake);

    public void Dispose() => _raw.Dispose();

    private FileDescriptor? TakeDialled(Handshake handshake)
    {
        var socket = dialler.Take(handshake);
        if (socket is null || handshake.TrySettle(Reason.Adopted))
            return socket;
        // Timed out a moment ago, when it could no longer be found among those that wait for their clients.
        new Leg(socket).Abort();
        return null;
    }

    private FileDescriptor? Adopt(Handshake handshake)
    {
        var error = ServerLeg.Restore(handshake, options, mark, out var leg, out var call);
        if (leg is not null)
        {
            if (!handshake.TrySettle(Reason.Adopted))
            {
                // Timed out a moment ago; the server has been told.
                leg.Dispose();
                return null;
            }

            error = leg.Complete(_raw);
            if (error == Errno.None)
                return leg.Socket;
            handshake.Admission?.Release();
            leg.Dispose();
            SendReset(handshake);
            call = "setsockopt TCP_REPAIR";
        }

        ProxyEngineLog.AdoptionFailed(logger, handshake.Flow, call, error);
        if (handshake.TrySettle(Reason.AdoptionFailed))
            SendReset(handshake);
        return null;
    }

    private void SendReset(Handshake handshake)
    {
        Span<byte> reset = stackalloc byte[Handshake.MaximumSynLength];
        _ = _raw.Send(reset[..handshake.WriteReset(reset)]);
    }
}
