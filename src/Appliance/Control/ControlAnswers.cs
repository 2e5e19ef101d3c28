using Middlebox.Appliance.Reports;

namespace Middlebox.Appliance.Control;

/// <summary>What a box answers on its control socket. Any thread may ask, several at a time.</summary>
/// <param name="Status">Answers <see cref="ControlProtocol.Status"/>.</param>
/// <param name="Flows">Answers <see cref="ControlProtocol.Flows"/>.</param>
/// <param name="Servers">Answers <see cref="ControlProtocol.Servers"/>.</param>
/// <param name="ClearServers">Answers <see cref="ControlProtocol.ClearServers"/>.</param>
/// <param name="Upgrade">Answers <see cref="ControlProtocol.Upgrade"/>.</param>
/// <param name="Explain">Answers <see cref="ControlProtocol.Explain"/>; gets the words behind the verb.</param>
/// <param name="TraceAsync">Answers <see cref="ControlProtocol.Trace"/> for as long as the asker listens; gets the words behind the verb.</param>
internal sealed record ControlAnswers(
    Func<StatusReport> Status,
    Func<IReadOnlyList<FlowReport>> Flows,
    Func<IReadOnlyList<KnownServerReport>> Servers,
    Func<ClearedServersReport> ClearServers,
    Func<UpgradeReport> Upgrade,
    Func<string, ExplainReport> Explain,
    Func<Stream, string, CancellationToken, Task> TraceAsync);
