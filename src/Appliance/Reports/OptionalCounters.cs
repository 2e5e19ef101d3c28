using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.HostRole;
using Middlebox.ProxyEngine.Converter;

namespace Middlebox.Appliance.Reports;

/// <summary>What those parts of a box count that not every box has.</summary>
/// <param name="Converter">Null unless hosts may name their servers to it in the first bytes.</param>
/// <param name="Addressed">Null unless they may in the SYN.</param>
/// <param name="HostProxy">Null unless the host's own connections go over a proxy.</param>
public sealed record OptionalCounters(ConverterCounters? Converter, AddressedCounters? Addressed, HostProxyCounters? HostProxy);
