using Code = Middlebox.Negotiation.Converter.ConvertErrorCode;

namespace Middlebox.Negotiation.Converter;

/// <summary>What there is to say of each <see cref="ConvertRefusal"/>: a sentence for people, a code for the client.</summary>
public static class ConvertRefusalText
{
    /// <summary>The code that the client is answered with; null if the connection is reset without an answer.</summary>
    public static ConvertErrorCode? CodeOf(ConvertRefusal refusal) => Of(refusal).Code;

    /// <summary>A sentence without a full stop.</summary>
    public static string Describe(ConvertRefusal refusal) => Of(refusal).Text;

    private static (Code? Code, string Text) Of(ConvertRefusal refusal) => refusal switch
    {
        ConvertRefusal.None => (null, "the connection is served"),
        ConvertRefusal.NotConvert => (null, "the first bytes are no Convert message, so somebody else's protocol"),
        ConvertRefusal.ZeroLength => (null, "the total length is zero, upon which the connection must be reset (RFC 8803 section 6.1)"),
        ConvertRefusal.ErrorFromClient => (null, "the client sent an Error TLV, and errors are not answered with errors"),
        ConvertRefusal.ClientSlow => (null, "the client did not complete its handshake, or its message, in time"),
        ConvertRefusal.ClientVanished => (null, "the client reset the connection before the server had answered"),
        ConvertRefusal.Displaced => (null, "the client had sent no whole message yet when the place was needed for a newer connection"),
        ConvertRefusal.Stopped => (null, "the box is shutting down"),
        ConvertRefusal.UnsupportedVersion => (Code.UnsupportedVersion, "the message has another version than 1"),
        ConvertRefusal.MalformedMessage => (Code.MalformedMessage, "a length in the message does not fit, or it asks for nothing"),
        ConvertRefusal.DuplicateTlv => (Code.MalformedMessage, "a TLV is there twice"),
        ConvertRefusal.InvalidDestination =>
            (Code.MalformedMessage, "the server's address is a multicast, broadcast, loopback or unspecified one, or its port 0"),
        ConvertRefusal.UnsupportedMessage => (Code.UnsupportedMessage, "a TLV is of a type that clients do not send"),
        ConvertRefusal.MissingCookie => (Code.MissingCookie, "a cookie is required, and the client has been told its own"),
        ConvertRefusal.InvalidCookie => (Code.NotAuthorized, "the cookie is not the one of this client, or has expired"),
        ConvertRefusal.ClientNotAllowed => (Code.NotAuthorized, "the client is in none of the prefixes of Converter:Clients"),
        ConvertRefusal.ServerNotAllowed => (Code.NotAuthorized, "the server is in none of the prefixes of Converter:Servers, has a port that is not in Converter:Ports, or a link-local address"),
        ConvertRefusal.OwnAddress => (Code.NotAuthorized, "the server's address is one of the box itself"),
        ConvertRefusal.Hairpin => (Code.NotAuthorized, "the server is itself a client's, and Converter:Hairpinning is off"),
        ConvertRefusal.UnsupportedTcpOption => (Code.UnsupportedTcpOption, "the client asks for a TCP option that the box cannot send to the server"),
        ConvertRefusal.ClientPendingLimit => (Code.ResourceExceeded, "too many connections of this client are being set up (Converter:MaxPendingPerClient)"),
        ConvertRefusal.ClientFlowLimit => (Code.ResourceExceeded, "the client has as many connections as it may have (Converter:MaxFlowsPerClient)"),
        ConvertRefusal.ClientRateLimit => (Code.ResourceExceeded, "the client asks more often than it may (Converter:RequestsPerSecondPerClient)"),
        ConvertRefusal.PendingLimit => (Code.ResourceExceeded, "too many connections are being set up (Converter:MaxPending)"),
        ConvertRefusal.FlowLimit => (Code.ResourceExceeded, "the box relays as many connections as it may (ProxyEngine:MaxFlows)"),
        ConvertRefusal.NoSocket => (Code.ResourceExceeded, "the kernel gives no socket towards the server"),
        ConvertRefusal.NetworkFailure => (Code.NetworkFailure, "the box has no way to the server"),
        ConvertRefusal.ServerSilent => (Code.NetworkFailure, "the server did not answer in time"),
        ConvertRefusal.ServerReset => (Code.ConnectionReset, "the server refused the connection by a reset"),
        ConvertRefusal.ServerUnreachable => (Code.DestinationUnreachable, "an ICMP error told that the server cannot be reached"),
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };
}
