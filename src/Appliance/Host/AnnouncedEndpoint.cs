using System.Globalization;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Host;

/// <summary>An address that the kernel announces to clients.</summary>
/// <param name="Id">Its id in the path manager.</param>
/// <param name="Undo">What takes it away again.</param>
internal sealed record AnnouncedEndpoint(int Id, UndoStep Undo)
{
    /// <summary>The command that takes an endpoint away.</summary>
    public static string[] DeleteCommand(int id) => ["ip", "mptcp", "endpoint", "delete", "id", id.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Those that an earlier run has noted and that are still there, with their addresses.</summary>
    /// <param name="steps">What it has noted.</param>
    /// <param name="present">The addresses that the kernel announces now, by id.</param>
    public static IEnumerable<(string Address, AnnouncedEndpoint Endpoint)> In(
        IReadOnlyList<UndoStep> steps, IReadOnlyDictionary<int, string> present) =>
        from step in steps.OfType<UndoCommand>()
        where step.Command.SkipLast(1).SequenceEqual(DeleteCommand(0).SkipLast(1))
        let id = int.TryParse(step.Command[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
        where present.ContainsKey(id)
        select (present[id], new AnnouncedEndpoint(id, step));

    /// <summary>
    /// The kernel listens at an announced address without SO_REUSEADDR, and so cannot for a minute after subflows have ended there: when
    /// the address comes back, or the box. A kernel that cannot end sockets (CONFIG_INET_DIAG_DESTROY) lets it wait.
    /// </summary>
    public static void ForgetEndedSubflows(string address, string port)
    {
        string[] ended = ["time-wait", "fin-wait-1", "fin-wait-2", "closing", "last-ack"];
        var host = HostAddress.Parse(address).IsIpv4 ? address : $"[{address}]";
        Tool.Run(["ss", "-K", "-H", "-t", .. ended.SelectMany(state => new[] { "state", state }), "src", $"{host}:{port}"]);
    }
}
