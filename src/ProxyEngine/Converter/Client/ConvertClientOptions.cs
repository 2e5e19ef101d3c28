using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Converter.Client;

/// <summary>How a client uses a converter.</summary>
/// <param name="Converter">Its address and port.</param>
/// <param name="FastOpen">Whether the message and the first data go into the SYN (RFC 8803 section 4.2); if the kernel lets them.</param>
/// <param name="Timeout">How long the converter may take to answer.</param>
public sealed record ConvertClientOptions(HostEndpoint Converter, bool FastOpen, TimeSpan Timeout);
