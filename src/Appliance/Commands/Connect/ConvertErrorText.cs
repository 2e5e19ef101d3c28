using Middlebox.Negotiation.Converter;
using Middlebox.ProxyEngine.Converter.Client;

namespace Middlebox.Appliance.Commands.Connect;

/// <summary>Says what a converter's error means to who wanted to connect (RFC 8803 section 6.2.8).</summary>
internal static class ConvertErrorText
{
    private const int UsualDelaySeconds = 30;

    /// <summary>A sentence that begins with the code's name and number.</summary>
    public static string Describe(ConvertAnswer answer)
    {
        var value = answer.ErrorValue;
        return answer.Error switch
        {
            ConvertErrorCode.UnsupportedVersion => $"Unsupported Version (0): the converter speaks version {value} of the protocol, not {ConvertConstants.Version}",
            ConvertErrorCode.MalformedMessage => "Malformed Message (1): the converter takes this for no valid server; loopback, multicast, broadcast and unspecified addresses are none",
            ConvertErrorCode.UnsupportedMessage => "Unsupported Message (2): the converter does not know what it was asked for",
            ConvertErrorCode.MissingCookie => "Missing Cookie (3): the converter wants a cookie and does not give one",
            ConvertErrorCode.NotAuthorized => "Not Authorized (32): the converter does not serve this host, or not to this server; its operator decides",
            ConvertErrorCode.UnsupportedTcpOption => $"Unsupported TCP Option (33): the converter cannot send option {value} to the server",
            ConvertErrorCode.ResourceExceeded => $"Resource Exceeded (64): the converter is at a limit; try again in {Delay(value)} s",
            ConvertErrorCode.NetworkFailure => $"Network Failure (65): the server has not answered the converter, or it has no way there; try again in {Delay(value)} s",
            ConvertErrorCode.ConnectionReset => "Connection Reset (96): the server refuses the connection",
            ConvertErrorCode.DestinationUnreachable => $"Destination Unreachable (97): a router says that the server cannot be reached (ICMP code {value})",
            var other => $"error {(byte?)other}, which RFC 8803 does not know",
        };
    }

    private static int Delay(byte seconds) => seconds == 0 ? UsualDelaySeconds : seconds;
}
