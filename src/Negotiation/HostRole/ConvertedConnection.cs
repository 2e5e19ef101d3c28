using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.HostRole;

/// <summary>A connection of this host's own that goes through a converter.</summary>
/// <param name="Flow">The connection as the program sees it.</param>
/// <param name="Program">The program's end, as the box's own listener sees it: with another port if that one is taken.</param>
/// <param name="Converter">The converter.</param>
public sealed record ConvertedConnection(FlowKey Flow, HostEndpoint Program, HostEndpoint Converter);
