using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Paths;

/// <summary>One subflow of a client's connection, seen from the box: local is the server's or an announced address.</summary>
public readonly record struct Subflow(HostEndpoint Local, HostEndpoint Remote);
