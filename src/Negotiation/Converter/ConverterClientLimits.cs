namespace Middlebox.Negotiation.Converter;

/// <summary>What each client may have.</summary>
/// <param name="Pending">Connections that are being set up, refused ones that have not closed yet included.</param>
/// <param name="Flows">Connections that are dialled or relayed.</param>
/// <param name="RequestsPerSecond">Servers asked for in a second.</param>
/// <param name="ErrorsPerSecond">Errors sent in a second.</param>
public sealed record ConverterClientLimits(int Pending, int Flows, int RequestsPerSecond, int ErrorsPerSecond);
