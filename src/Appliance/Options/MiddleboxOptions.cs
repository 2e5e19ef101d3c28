using Middlebox.Interceptor;
using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.HostRole;
using Middlebox.Native.Namespaces;
using Middlebox.Negotiation;
using Middlebox.ProxyEngine;
using Middlebox.ProxyEngine.Converter;

namespace Middlebox.Appliance.Options;

/// <summary>Section <c>Middlebox</c>: the whole configuration of a box.</summary>
public sealed record MiddleboxOptions
{
    /// <summary>Name of the section, and prefix of the environment variables that override it.</summary>
    public const string Section = "Middlebox";

    /// <value>Name of the box in logs and paths. Default <c>middlebox</c>; 1 to 32 letters, digits, - and _.</value>
    public string Name { get; init; } = "middlebox";

    /// <value>Default <c>Implicit</c>.</value>
    public NegotiationMode Mode { get; init; } = NegotiationMode.Implicit;

    /// <value>
    /// How long connections that are relayed may go on when the box is told to end (SIGTERM), while new ones pass unproxied; those that are left then are
    /// reset. Default 0: at once; up to 1 day. A second SIGTERM ends the wait.
    /// </value>
    public TimeSpan StopPatience { get; init; } = TimeSpan.Zero;

    public PolicyOptions Policy { get; init; } = new();

    public ExplicitOptions Explicit { get; init; } = new();

    public InterceptorOptions Interceptor { get; init; } = new();

    public NegotiationOptions Negotiation { get; init; } = new();

    public ProxyEngineOptions ProxyEngine { get; init; } = new();

    public ConverterOptions Converter { get; init; } = new();

    public AddressedOptions Addressed { get; init; } = new();

    public HostProxyOptions HostProxy { get; init; } = new();

    public ControlOptions Control { get; init; } = new();

    public MetricsOptions Metrics { get; init; } = new();

    public DashboardOptions Dashboard { get; init; } = new();

    public LogsOptions Logs { get; init; } = new();

    /// <summary>
    /// Whether connections may end at the box. They do not on a host whose own connections go over a proxy by translation and that does nothing else; what else it
    /// forwards is left alone entirely.
    /// </summary>
    public bool Terminates =>
        HostProxy.Proxies.Count == 0 || HostProxy.UsesConverter || Policy.LooksAtAnything || Converter.Listen.Count > 0 || Addressed.Listen.Count > 0;

    /// <summary>Where the control socket is, by configuration or by name.</summary>
    public string ControlSocketPath => Control.Socket.Length > 0 ? Control.Socket : DefaultSocketPath(Name);

    /// <summary>What is to be undone, should the box crash; beside the control socket.</summary>
    /// <remarks>One for each network namespace: what a run has left in one can be undone there only.</remarks>
    public string JournalPath => ControlSocketPath + JournalEnding;

    /// <summary>The ending of journals of this network namespace.</summary>
    public static string JournalEnding => $".{NetworkNamespace.OwnNumber}.journal";

    /// <summary>Where it is kept what is known of servers, by configuration or by name.</summary>
    public string KnownServersPath =>
        Negotiation.KnownServersFile.Length > 0 ? Negotiation.KnownServersFile : $"/var/lib/middlebox/{Name}.servers";

    /// <summary>What only one box of this control socket can hold.</summary>
    public string LockPath => ControlSocketPath + ".lock";

    public static string DefaultSocketPath(string name) => $"/run/middlebox/{name}.sock";
}
