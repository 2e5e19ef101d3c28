using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;

namespace Middlebox.ProxyEngine.Converter.Client;

/// <summary>The message by which a client asks for a server (RFC 8803 sections 6.2.5 and 6.2.7).</summary>
internal static class ConnectMessage
{
    /// <param name="server">The server.</param>
    /// <param name="cookie">What the converter has given; null if it has not.</param>
    public static byte[] For(in HostEndpoint server, byte[]? cookie)
    {
        var writer = new ConvertMessageWriter(stackalloc byte[ConvertConstants.MaximumMessageLength]);
        writer.AddConnect(in server, []);
        if (cookie is not null)
            writer.AddCookie(cookie);
        return writer.Finish().ToArray();
    }
}
