using Middlebox.Negotiation.Converter;

namespace Middlebox.Appliance.Reports;

/// <summary>What the converter has done (RFC 8803).</summary>
/// <param name="Pending">Connections that are being set up or refused now.</param>
/// <param name="Served">Connections handed to the relay.</param>
/// <param name="Asked">Clients that only asked which TCP extensions are supported.</param>
/// <param name="Refused">Connections that were not served, by why.</param>
/// <param name="ErrorsWithheld">Errors that were not sent, because the client had been sent enough.</param>
public sealed record ConverterReport(
    int Pending, long Served, long Asked, IReadOnlyDictionary<ConvertRefusal, long> Refused, long ErrorsWithheld);
