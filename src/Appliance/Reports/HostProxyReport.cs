namespace Middlebox.Appliance.Reports;

/// <summary>What became of the host's own connections that were to go over a proxy.</summary>
/// <param name="Sent">Connections that went to the proxy.</param>
/// <param name="Answered">Those whose servers have answered.</param>
/// <param name="ServerRefused">Those whose servers have refused, as the converter says.</param>
/// <param name="RefusedByProxy">Those that were answered by a reset or an error of the proxy, and went directly after that unless they were to be refused.</param>
/// <param name="Unanswered">Those that were not answered.</param>
/// <param name="Direct">Connections that did not go to the proxy although a rule says so.</param>
/// <param name="Joined">Subflows that the host opened to the server itself, where the proxy has announced it.</param>
public sealed record HostProxyReport(long Sent, long Answered, long ServerRefused, long RefusedByProxy, long Unanswered, long Direct, long Joined);
